//! Tables of migration tools and job queues, which are left out of everything: known by their names and columns.
//!
//! A name alone is not enough: `migrations` is a table of Laravel, and of every zoo that counts its birds. A table is a
//! tool's where it has all the columns by which the tool's documentation, or its source, describes it.

use crate::pattern::last_part;
use crate::table::Table;

/// A table that a tool makes for itself.
struct Tool {
    title: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
}

const fn tool(title: &'static str, table: &'static str, columns: &'static [&'static str]) -> Tool {
    Tool {
        title,
        table,
        columns,
    }
}

const TOOLS: &[Tool] = &[
    tool("Rails", "ar_internal_metadata", &["key", "value"]),
    // Ecto, golang-migrate and dbmate call theirs so too.
    tool("a migration tool", "schema_migrations", &["version"]),
    tool("Sequel", "schema_migrations", &["filename"]),
    tool("Sequel", "schema_info", &["version"]),
    tool(
        "Delayed Job",
        "delayed_jobs",
        &["handler", "run_at", "locked_by"],
    ),
    tool("GoodJob", "good_jobs", &["queue_name", "serialized_params"]),
    tool(
        "sqlx",
        "_sqlx_migrations",
        &["version", "checksum", "installed_on"],
    ),
    tool(
        "Diesel",
        "__diesel_schema_migrations",
        &["version", "run_on"],
    ),
    tool(
        "Refinery",
        "refinery_schema_history",
        &["version", "applied_on", "checksum"],
    ),
    tool("SeaORM", "seaql_migrations", &["version", "applied_at"]),
    tool(
        "Flyway",
        "flyway_schema_history",
        &["installed_rank", "script", "checksum"],
    ),
    tool(
        "Liquibase",
        "databasechangelog",
        &["id", "author", "filename"],
    ),
    tool(
        "Liquibase",
        "databasechangeloglock",
        &["id", "locked", "lockedby"],
    ),
    tool(
        "Entity Framework",
        "__EFMigrationsHistory",
        &["MigrationId", "ProductVersion"],
    ),
    tool(
        "Entity Framework",
        "__EFMigrationsHistory",
        &["migration_id", "product_version"],
    ),
    tool("Django", "django_migrations", &["app", "name", "applied"]),
    tool("Alembic", "alembic_version", &["version_num"]),
    tool("Goose", "goose_db_version", &["version_id", "is_applied"]),
    tool(
        "Prisma",
        "_prisma_migrations",
        &["migration_name", "checksum", "applied_steps_count"],
    ),
    tool(
        "Knex",
        "knex_migrations",
        &["name", "batch", "migration_time"],
    ),
    tool("Knex", "knex_migrations_lock", &["index", "is_locked"]),
    tool("Sequelize", "SequelizeMeta", &["name"]),
    tool("Sequelize", "SequelizeData", &["name"]),
    tool("TypeORM", "migrations", &["id", "timestamp", "name"]),
    tool("db-migrate", "migrations", &["id", "name", "run_on"]),
    tool("node-pg-migrate", "pgmigrations", &["id", "name", "run_on"]),
    tool("MikroORM", "mikro_orm_migrations", &["name", "executed_at"]),
    tool("Drizzle", "__drizzle_migrations", &["hash", "created_at"]),
    tool("Kysely", "kysely_migration", &["name", "timestamp"]),
    tool("Kysely", "kysely_migration_lock", &["id", "is_locked"]),
    tool("Laravel", "migrations", &["id", "migration", "batch"]),
    tool(
        "CodeIgniter",
        "migrations",
        &["version", "class", "namespace", "batch"],
    ),
    tool("Phinx", "phinxlog", &["version", "start_time", "end_time"]),
    tool(
        "Doctrine",
        "doctrine_migration_versions",
        &["version", "executed_at"],
    ),
];

/// The tool that a table belongs to, in whatever schema it is.
pub fn tool_of(table: &Table) -> Option<&'static str> {
    let name = last_part(&table.name);
    // Liquibase's are in capitals where the database does not fold them.
    let has = |column: &&str| {
        let mut columns = table.columns().keys();
        columns.any(|own| own.eq_ignore_ascii_case(column))
    };
    let is_of =
        |tool: &&Tool| tool.table.eq_ignore_ascii_case(&name) && tool.columns.iter().all(has);
    TOOLS.iter().find(is_of).map(|tool| tool.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, columns: &[&str]) -> Table {
        let columns = columns
            .iter()
            .map(|&column| (column.to_owned(), String::new()));
        Table::new(name.to_owned(), Vec::new(), columns.collect()).unwrap()
    }

    #[test]
    fn a_tools_table_is_known_by_its_columns_in_any_schema() {
        for (name, columns, tool) in [
            (
                "migrations",
                &["id", "migration", "batch"][..],
                Some("Laravel"),
            ),
            (
                "app.migrations",
                &["id", "timestamp", "name"],
                Some("TypeORM"),
            ),
            ("migrations", &["id", "species", "season", "name"], None),
            ("migrations", &[], None),
            ("schema_migrations", &["version"], Some("a migration tool")),
            (
                "schema_migrations",
                &["version", "inserted_at"],
                Some("a migration tool"),
            ),
            ("schema_migrations", &["species"], None),
            ("\"my.app\".\"SequelizeMeta\"", &["name"], Some("Sequelize")),
            (
                "DATABASECHANGELOG",
                &["ID", "AUTHOR", "FILENAME", "MD5SUM"],
                Some("Liquibase"),
            ),
            (
                "phinxlog",
                &[
                    "version",
                    "migration_name",
                    "start_time",
                    "end_time",
                    "breakpoint",
                ],
                Some("Phinx"),
            ),
            ("my_phinxlog", &["version", "start_time", "end_time"], None),
            ("users", &["id", "name"], None),
        ] {
            assert_eq!(tool_of(&table(name, columns)), tool, "{name} {columns:?}");
        }
    }
}
