# What the installed Psych makes of many scalars. Writes two files into the folder ARGV[0]: dumped.json has strings and
# the rows that Psych dumps them in, loaded.json plain scalars and what Psych loads them as.
require "date"
require "json"
require "yaml"

FOLDER, SEED, COUNT = ARGV[0], ARGV[1].to_i, ARGV[2].to_i
RANDOM = Random.new(SEED)

NUMBERS = %w[0 1 2 5 6 7 8 9 00 10 59 60 99 _ , . : - + e E x b o a f 0x 0b 0o e+ E-].freeze
TIMES = ["0", "1", "2", "3", "5", "9", "-", ":", "T", "t", " ", "Z", "z", ".", "+", "2020-", "01-", "-31", "12:", ":30",
         "2020-02-30", "23:59:60", "24:00:00", "10:00:00", "+05:30", "-00:30", "1999-1-"].freeze
WORDS = %w[~ null Null NULL yes no on off true false y n Y N .inf -.inf +.inf .nan .NaN -.nan : :a :" :' " ' a = << <
           o e s u l t f YES No ON oFF TRUE < > inf nan].freeze
SIGNS = (("!".."~").to_a + [" ", "  ", "\n", "\n\n", "\t", "\r", "\r\n", "\0", "\e", "\x7f", "\u0085", "\u00a0", "\u2028", "\u2029",
                            "\ufeff", "\ufffd", "\u00e9", "\u4e2d", "\u{1f600}", "- ", ": ", " #", "? ", "---", "...", "\\",
                            "word ", "%TAG", "\ud7ff", "\ue000"]).freeze
FACTS = File.readlines(ARGV[3], chomp: true).freeze

def mixed(parts, most) = Array.new(RANDOM.rand(1..most)) { parts.sample(random: RANDOM) }.join

def changed(text)
  text = text.dup
  at = RANDOM.rand(0..text.length)
  case RANDOM.rand(3)
  when 0 then text.insert(at, NUMBERS.sample(random: RANDOM))
  when 1 then text[at] = "" if at < text.length
  else text[at] = SIGNS.sample(random: RANDOM) if at < text.length
  end
  text
end

def plain
  case RANDOM.rand(10)
  when 0..4 then mixed(NUMBERS, 9)
  when 5..6 then mixed(TIMES, 9)
  when 7 then mixed(WORDS, 3)
  else changed(FACTS.sample(random: RANDOM))
  end
end

def any
  case RANDOM.rand(10)
  when 0..5 then plain
  when 6..8 then mixed(SIGNS, 12)
  else mixed(SIGNS + ["several words in a row "] * 20, 40)
  end
end

# Psych fails on some strings that look like numbers, and then it cannot dump them either.
def dumped(text)
  [text, YAML.dump([{ "id" => 1, "code" => text }, { "id" => 2 }])] if text.valid_encoding?
rescue ArgumentError, NoMethodError
  nil
end

def seen(value)
  case value
  when nil then ["null", ""]
  when true, false then ["bool", value.to_s]
  when Integer then ["integer", value.to_s]
  when Float then ["float", [value].pack("G").unpack1("H*")]
  when Symbol, String then ["text", value.to_s]
  # Psych 4 takes a date before 1582 for one of the Julian calendar, and later ones do not.
  when Date then value.year < 1583 ? nil : ["date", value.strftime("%Y-%m-%d")]
  when Time then value.year.between?(0, 9999) ? ["time", value.getutc.strftime("%Y-%m-%d %H:%M:%S.%N")] : nil
  end
end

def loaded(text)
  node = YAML.parse(text)&.root
  return unless node.is_a?(Psych::Nodes::Scalar) && node.plain && node.value == text && node.tag.nil?

  found = seen(YAML.respond_to?(:unsafe_load) ? YAML.unsafe_load(text) : YAML.load(text))
  # Psych 4 reads these as zero, and later ones as text, which they dump without quotes.
  found = ["text", text] if text.match?(/\A[-+]?0[_,]+\z/)
  found && [text, *found]
rescue Psych::SyntaxError, ArgumentError, NoMethodError
  nil
end

strings = (FACTS + Array.new(COUNT) { any }).filter_map { |text| dumped(text) }
File.write("#{FOLDER}/dumped.json", JSON.generate(strings))
scalars = (FACTS + Array.new(COUNT) { plain }).filter_map { |text| loaded(text) }
File.write("#{FOLDER}/loaded.json", JSON.generate(scalars))
warn "Psych #{Psych::VERSION}: #{strings.length} dumped, #{scalars.length} loaded"
