# Stands in for the gem aggregate_root where it is not installed: its public contract, as the shop uses it, and no more.
# A test that runs with this shows that the adapter keeps to the contract, not that the gem does.

module AggregateRoot
  module ClassMethods
    def new(*)
      super.tap { |aggregate| aggregate.version = -1 }
    end

    def on(*types, &handler)
      types.each { |type| handlers[type.name] = handler }
    end

    def handlers
      @handlers ||= {}
    end
  end

  def self.included(base)
    base.extend(ClassMethods)
  end

  attr_reader :version

  def version=(version)
    @version = version
    @unpublished_events = []
  end

  def apply(*events)
    events.each do |event|
      handler = self.class.handlers.fetch(event.event_type) { raise "Missing handler for #{event.event_type}" }
      instance_exec(event, &handler)
      @unpublished_events << event
    end
  end

  def unpublished_events
    @unpublished_events.each
  end
end
