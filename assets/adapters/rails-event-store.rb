# Lets Eventscope fold events with aggregates of Rails Event Store: ruby adapter.rb shop.rb
#
# shop.rb loads your aggregates, which include AggregateRoot, and their events; in a Rails application it may be
# config/environment.rb. The class of a stream is named before the "$" of the stream's name, as in Shop::Order$7; more
# arguments say it for other names: `order=Shop::Order`. It is made by `new`, with the rest of the name where that wants
# an argument.
#
# Events are of your own classes, with the data as it was stored: what was a symbol, a time or a decimal is one again,
# from YAML and from JSON with PreserveTypes. The state is what the aggregate's instance variables hold, without those of
# AggregateRoot. The protocol is told in the adapter `python-function`.

%w[base64 bigdecimal json set time yaml].each { |library| require library }

answers = $stdout.dup
$stdout = $stderr # what the application prints is no answer
require File.expand_path(ARGV.fetch(0))
CLASSES = ARGV.drop(1).to_h { |pair| pair.split("=", 2) }
LIBRARY = %i[@version @unpublished_events @loaded_from_stream_name].freeze

def new_aggregate(stream)
  name = stream["aggregate_type"]
  kind = Object.const_get(CLASSES.fetch(name, name))
  wanted = kind.instance_method(:initialize).parameters.count { |how, _| how == :req }
  wanted.zero? ? kind.new : kind.new(stream["aggregate_id"].delete_prefix("#{name}$"))
end

# A value as it was before PreserveTypes wrote it as JSON; `type` is what that says of it.
def restored(value, type)
  case type
  when Hash
    value.to_h { |key, inner| [restored(key, type.dig(key, 0)), restored(inner, type.dig(key, 1))] }
  when Array then value.zip(type).map { |inner, kind| restored(inner, kind) }
  when "Symbol" then value.to_sym
  when "Time", "ActiveSupport::TimeWithZone" then Time.iso8601(value)
  when "Date" then Date.iso8601(value)
  when "DateTime" then DateTime.iso8601(value)
  when "BigDecimal" then BigDecimal(value)
  else value
  end
end

def rebuilt(event)
  stored = event["stored"]
  stored = Base64.decode64(stored["base64"]) if stored.is_a?(Hash)
  data = stored.start_with?("---") ? YAML.unsafe_load(stored) : JSON.parse(stored)
  data = restored(data, event.dig("metadata", "types", "data"))
  metadata = (event["metadata"] || {}).except("types").transform_keys(&:to_sym)
  metadata[:timestamp] ||= (Time.parse("#{event["timestamp"]} UTC") rescue nil)
  Object.const_get(event["type"]).new(event_id: event["id"], data: data, metadata: metadata)
end

def shown(value)
  case value
  when Hash then value.to_h { |key, inner| [key.to_s, shown(inner)] }
  when Array then value.map { |inner| shown(inner) }
  when Set, Struct then shown(value.respond_to?(:members) ? value.to_h : value.to_a)
  when Time, DateTime then value.iso8601(6)
  when BigDecimal then value.to_s("F")
  when String, Integer, Float, true, false, nil then value
  when Symbol, Date, Module then value.to_s
  else
    own = value.instance_variables - LIBRARY
    own.to_h { |name| [name.to_s.delete_prefix("@"), shown(value.instance_variable_get(name))] }
  end
end

aggregate = nil
$stdin.set_encoding("UTF-8").each_line do |line|
  message = JSON.parse(line, max_nesting: false)
  answer = nil
  begin
    case message["op"]
    when "hello" then answer = { protocol: 1, name: "rails-event-store", stored: true, resume: true }
    when "begin"
      aggregate = nil
      kept = message["state"]
      aggregate = kept ? Marshal.load(Base64.decode64(kept)) : new_aggregate(message["stream"])
    when "apply"
      aggregate.apply(rebuilt(message["event"]))
      aggregate.version = message["event"]["version"] # as AggregateRoot::Repository does: it was published already
    when "state"
      answer = { state: shown(aggregate) }
      answer[:resume] = Base64.strict_encode64(Marshal.dump(aggregate)) if message["resume"]
    end
    answer = JSON.generate(answer, max_nesting: 0) if answer
  rescue StandardError, ScriptError => error
    place = error.backtrace&.first.to_s[%r{[^/]+:\d+}]
    text = "#{error.class}: #{error.message} (#{place})"
    answer = JSON.generate({ error: text, op: message["op"] })
  end
  answers.puts(answer) if answer
  answers.flush unless message["op"] == "apply" || message["more"]
end
