# Stands in for the gem ruby_event_store where it is not installed: what the shop and the adapter use of its events.

module RubyEventStore
  class Event
    attr_reader :event_id, :data, :metadata

    def initialize(event_id: nil, data: {}, metadata: {})
      @event_id = event_id
      @data = data
      @metadata = metadata
    end

    def event_type
      self.class.name
    end
  end
end
