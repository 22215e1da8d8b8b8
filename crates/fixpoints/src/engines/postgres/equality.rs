//! Conditions for two values to be equal by the operator that an index or a foreign key uses; it runs nothing.
//!
//! A bare `=` would be looked up along the search path, where anybody who may create an operator can put a closer
//! match, and where that of an extension's type may be missing. The operands are cast to the types of the operator,
//! as the server does in its own checks of foreign keys, because its schema may hold closer matches too.
//!
//! An operator for any type of a kind, such as any enumeration, cannot be chosen by a cast, and whoever owns a type
//! can give it a cast that makes another operator the better one. Its function has a name that nothing shares.

use std::collections::BTreeMap;

/// An operand: its SQL and its type.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub sql: String,
    pub type_oid: u32,
}

impl Operand {
    /// Whether its type did not come with the server, so that somebody may have made casts of it.
    fn is_users(&self) -> bool {
        self.type_oid >= 16384
    }
}

/// An operator in full.
#[derive(Debug, Clone)]
pub(super) struct Equality {
    /// As in `OPERATOR(pg_catalog.=)`.
    pub sql: String,
    /// What it calls, as in `pg_catalog.enum_eq`.
    pub function: String,
    pub left: Side,
    pub right: Side,
}

/// What an operator takes on one side.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub type_oid: u32,
    /// The type in SQL; `None` for one that stands for several, such as `anyarray`.
    pub type_sql: Option<String>,
}

/// The equalities of a database, by the numbers of their operators, and the operators of its index classes.
#[derive(Debug, Default)]
pub(super) struct Equalities {
    pub operators: BTreeMap<u32, Equality>,
    pub classes: BTreeMap<u32, u32>,
}

impl Equalities {
    /// The condition by an operator; `None` for one that is not known.
    pub fn by_operator(&self, operator: u32, left: &Operand, right: &Operand) -> Option<String> {
        let equality = self.operators.get(&operator)?;
        let Equality { sql, function, .. } = equality;
        let is_for_any = equality.left.type_sql.is_none() || equality.right.type_sql.is_none();
        if is_for_any && [left, right].iter().any(|operand| operand.is_users()) {
            return Some(format!("{function}({}, {})", left.sql, right.sql));
        }
        let (left, right) = (equality.left.taking(left), equality.right.taking(right));
        Some(format!("{left} {sql} {right}"))
    }

    /// The condition by the operator of an index class.
    pub fn by_class(&self, class: u32, left: &Operand, right: &Operand) -> Option<String> {
        self.by_operator(*self.classes.get(&class)?, left, right)
    }
}

impl Side {
    fn taking(&self, operand: &Operand) -> String {
        match &self.type_sql {
            Some(type_sql) if self.type_oid != operand.type_oid => {
                format!("{}::{type_sql}", operand.sql)
            }
            _ => operand.sql.clone(),
        }
    }
}
