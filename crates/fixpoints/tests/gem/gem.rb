# Does what the gem `fixpoints` does, in the steps that its code takes, with the ActiveRecord and Psych of this machine:
# reads every table with `select_all`, sorts rows by id, parses jsonb, and dumps them; a child has changes by position.
#
#     ruby gem.rb sqlite3 PATH base FOLDER
#     ruby gem.rb postgresql HOST:NAME:USER child FOLDER
require "active_record"
require "json"
require "yaml"

ADAPTER, PLACE, STEP, FOLDER = ARGV
if ADAPTER == "sqlite3"
  ActiveRecord::Base.establish_connection(adapter: ADAPTER, database: PLACE)
else
  host, name, user = PLACE.split(":")
  ActiveRecord::Base.establish_connection(adapter: ADAPTER, host: host, database: name, username: user)
end
DB = ActiveRecord::Base.connection

class Sample < ActiveRecord::Base; end
class Pair < ActiveRecord::Base; end

def records
  (DB.tables - %w[ar_internal_metadata schema_migrations]).sort.each_with_object({}) do |table, found|
    result = DB.select_all("SELECT * FROM #{DB.quote_table_name(table)}")
    rows = result.to_a
    next if rows.empty?

    rows.sort_by! { |row| row["id"] } if result.columns.include?("id")
    parsed = result.column_types.select { |_, type| type.type == :jsonb }.keys
    rows.each { |row| parsed.each { |column| row[column] = JSON.parse(row[column] || "null") } }
    found[table] = rows
  end
end

def changes(before, now)
  return now || [] if before.nil? || before.empty?

  now ||= []
  Array.new([before.length, now.length].max) do |at|
    old, new = before[at], now[at]
    next { "++DELETED++" => true } if new.nil?
    next new if old.nil?

    new.select { |column, value| value != old[column] && column != "updated_at" }
  end
end

def write(name, tables)
  File.write("#{FOLDER}/#{name}.yml", YAML.dump(tables))
end

STRINGS = ["", " ", "~", "null", "NO", "yes", "12", "1.50", "1e3", "1.0e+3", "0777", "0x1f", "1_000", "4,,74", "12:30",
           "2020-01-31", "2020-01-31 10:00:00", ":a", "- a", "a: b", "a # b", "'", "\"", "a\nb", "a\nb\n", "\n", "\t", "<<",
           "=", "!x", "&a", "*a", "{a}", "[a]", "%a", "@a", "`a`", "|", ">", "\u2028", "a\u2028b", "\u00e9", "\u{1f600}",
           "\e[0m", "word " * 40, "---", "...", "$LABEL", "\\", "a\\nb"].freeze

if STEP == "base"
  ActiveRecord::Schema.verbose = false
  ActiveRecord::Schema.define do
    create_table(:samples) do |t|
      t.string :name
      t.text :body
      t.integer :count
      t.bigint :big
      t.float :ratio
      t.decimal :price, precision: 30, scale: 10
      t.boolean :active
      t.date :day
      t.time :clock
      t.datetime :moment, precision: 6
      t.binary :data
      t.json :settings
      if ADAPTER == "postgresql"
        t.jsonb :parsed
        t.string :tags, array: true
        t.integer :numbers, array: true
        t.uuid :token
        t.inet :address
        t.interval :span
        t.hstore :pairs
      end
      t.timestamps
    end
    create_table(:pairs, id: false) do |t|
      t.string :word
      t.integer :count
    end
  end
  # `.b`, as Rails 7 does itself: Rails 6 with SQLite would keep text in a column of bytes.
  STRINGS.each_with_index do |text, at|
    sample = Sample.new(
      name: text, body: text * 2, count: at - 20, big: (2**62) - at, ratio: at / 7.0, price: BigDecimal("12345678901.0123456789") / (at + 1),
      active: [true, false, nil][at % 3], day: Date.new(2020, 1, 31) - at * 1000, clock: "12:34:5#{at % 10}",
      moment: Time.utc(2020, 1, 31, 23, 59, 59, 123_456) - at * 100_000, data: at.even? ? text.b : "\x00\xFF#{at}".b,
      settings: at.zero? ? nil : { text => [at, 1.5, nil, text] }
    )
    if ADAPTER == "postgresql"
      sample.parsed = [nil, text, at, true, { text => [text] }, [1.0, nil], "{\"a\": 1}"][at % 7]
      sample.tags = [text, nil, "a,b"]
      sample.numbers = [at, nil]
      sample.token = SecureRandom.uuid
      sample.address = "10.0.0.#{at}"
      sample.span = at.hours + 30.minutes
      sample.pairs = { text => text, "none" => nil }
    end
    sample.save!
  end
  Sample.create!
  3.times { |at| Pair.create!(word: "1.#{at}", count: at) }
  write("base", records)
else
  before = YAML.respond_to?(:unsafe_load_file) ? YAML.unsafe_load_file("#{FOLDER}/base.yml") : YAML.load_file("#{FOLDER}/base.yml")
  Sample.record_timestamps = false
  Sample.order(:id).limit(10).each { |sample| sample.update!(name: "#{sample.name}!", active: nil, price: 0, data: "printable".b) }
  Sample.order(:id).last.destroy!
  Pair.create!(word: "0_7", count: 8)
  now = records
  tables = (before.keys | now.keys).to_h { |table| [table, changes(before[table], now[table])] }
  write("child", tables.merge("++parent_fixpoint++" => "base"))
end
