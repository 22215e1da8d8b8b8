# Notes which example runs, so that the one that never ends is known. Stillframe writes and removes this file.
class StillframeProgress
  RSpec::Core::Formatters.register self, :example_started, :example_finished

  def initialize(output)
    @output = output
  end

  def example_started(notification)
    note("started", notification)
  end

  def example_finished(notification)
    note("finished", notification)
  end

  # RSpec would end the example, go on, and report it as failed.
  Signal.trap("TERM", "SYSTEM_DEFAULT")

  private

  def note(word, notification)
    @output.puts("#{word} #{notification.example.id}")
    @output.flush
  end
end
