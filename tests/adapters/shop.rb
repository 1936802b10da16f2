# The aggregates of the example shop, with Rails Event Store. Its databases are tests/fixtures/ruby_res_*.

require "aggregate_root"
require "ruby_event_store"

module Shop
  %i[
    ItemRegistered ItemRenamed StockReserved StockReleased AccountOpened FundsDeposited FundsWithdrawn OrderPlaced LineAdded
    LineRemoved OrderConfirmed
  ].each { |name| const_set(name, Class.new(RubyEventStore::Event)) }

  # One file has symbols for the members of an event's data and the other strings, as it was stored.
  module Members
    def member(event, name)
      event.data.fetch(name) { event.data.fetch(name.to_s) }
    end

    def take(event, *names)
      names.each { |name| instance_variable_set("@#{name}", member(event, name)) }
    end
  end

  class InventoryItem
    include AggregateRoot
    include Members

    def initialize
      @reserved = 0
      @reservations = {}
    end

    on ItemRegistered do |event|
      take(event, :sku, :name, :attributes, :on_hand)
    end

    on ItemRenamed do |event|
      take(event, :name)
    end

    on StockReserved do |event|
      @reserved += member(event, :qty)
      order = member(event, :order_id)
      @reservations[order] = @reservations.fetch(order, 0) + member(event, :qty)
    end

    on StockReleased do |event|
      @reserved -= member(event, :qty)
      order = member(event, :order_id)
      @reservations[order] -= member(event, :qty)
      @reservations.delete(order) unless @reservations[order].positive?
    end
  end

  class BankAccount
    include AggregateRoot
    include Members

    on AccountOpened do |event|
      take(event, :owner, :currency, :balance_cents, :limit_cents)
    end

    on FundsDeposited do |event|
      @balance_cents += member(event, :amount_cents)
    end

    on FundsWithdrawn do |event|
      @balance_cents -= member(event, :amount_cents)
    end
  end

  class Order
    include AggregateRoot
    include Members

    on OrderPlaced do |event|
      take(event, :customer_id, :shipping, :notes, :priority)
      @status = "open"
      @lines = {}
    end

    on LineAdded do |event|
      line = event.data.transform_keys(&:to_s)
      @lines[line["line_id"]] = line.except("line_id")
    end

    on LineRemoved do |event|
      @lines.delete(member(event, :line_id))
    end

    on OrderConfirmed do |event|
      take(event, :payment)
      @status = "confirmed"
    end
  end
end
