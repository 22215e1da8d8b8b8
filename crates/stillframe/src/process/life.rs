//! The life of a supervised process as a state machine over what happens to it; pure: it reads no clock and sends no signal.

use super::invocation::{End, Stream};
use std::time::{Duration, Instant};

/// Between the polite signal and the one nobody can ignore.
const GRACE: Duration = Duration::from_millis(100);
/// How long a grandchild may keep a pipe open after the child's end.
const DRAIN: Duration = Duration::from_millis(200);
/// How long a killed process may take to disappear before it is given up (it hangs inside the kernel).
const GIVE_UP: Duration = Duration::from_secs(2);
/// No supervisor sleeps longer than this, so that a cancellation is seen.
const TICK: Duration = Duration::from_millis(50);

/// What the supervisor has to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing but wait.
    Wait,
    /// Ask the whole group to end.
    Terminate,
    /// End the whole group.
    Kill,
    /// Stop looking.
    Finish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Terminating,
    Killed,
    /// The child has exited; somebody may still print.
    Draining,
}

/// Where a process is in its life, and until when it may stay there.
#[derive(Debug)]
pub(super) struct Life {
    phase: Phase,
    until: Instant,
    cause: Option<End>,
    leaky: bool,
}

impl Life {
    pub(super) fn new(deadline: Instant) -> Life {
        Life {
            phase: Phase::Running,
            until: deadline,
            cause: None,
            leaky: false,
        }
    }

    /// How long the supervisor may sleep.
    pub(super) fn patience(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now).min(TICK)
    }

    pub(super) fn exited(&self) -> bool {
        self.phase == Phase::Draining
    }

    pub(super) fn cause(&self) -> Option<End> {
        self.cause
    }

    pub(super) fn leaky(&self) -> bool {
        self.leaky
    }

    /// The child has exited. A group we are ending anyway gets no time to print its last words.
    pub(super) fn child_exited(&mut self, now: Instant) -> Action {
        self.phase = Phase::Draining;
        self.until = now + DRAIN;
        if self.cause.is_some() {
            Action::Kill
        } else {
            Action::Wait
        }
    }

    /// A stream exceeded its limit.
    pub(super) fn flooded(&mut self, stream: Stream, now: Instant) -> Action {
        self.cause.get_or_insert(End::Flooded(stream));
        if self.exited() {
            return Action::Finish;
        }
        self.kill(now)
    }

    /// The run as a whole was interrupted.
    pub(super) fn cancelled(&mut self, now: Instant) -> Action {
        if self.phase == Phase::Running {
            return self.terminate(End::Cancelled, now);
        }
        Action::Wait
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Action {
        if now < self.until {
            return Action::Wait;
        }
        match self.phase {
            Phase::Running => self.terminate(End::TimedOut, now),
            Phase::Terminating => self.kill(now),
            Phase::Killed => Action::Finish,
            Phase::Draining => {
                self.leaky = true;
                Action::Finish
            }
        }
    }

    fn terminate(&mut self, cause: End, now: Instant) -> Action {
        self.cause = Some(cause);
        self.phase = Phase::Terminating;
        self.until = now + GRACE;
        Action::Terminate
    }

    fn kill(&mut self, now: Instant) -> Action {
        self.phase = Phase::Killed;
        self.until = now + GIVE_UP;
        Action::Kill
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A life whose deadline is a second away, and the clock it is told.
    fn life() -> (Life, Instant) {
        let now = Instant::now();
        (Life::new(now + Duration::from_secs(1)), now)
    }

    #[test]
    fn deadline_asks_first_and_kills_after_the_grace() {
        let (mut life, now) = life();
        let deadline = now + Duration::from_secs(1);
        assert_eq!(life.tick(now), Action::Wait);
        assert_eq!(life.tick(deadline), Action::Terminate);
        assert_eq!(life.tick(deadline), Action::Wait);
        assert_eq!(life.tick(deadline + GRACE), Action::Kill);
        assert_eq!(life.child_exited(deadline + GRACE), Action::Kill);
        assert_eq!(life.cause(), Some(End::TimedOut));
        assert!(!life.leaky());
    }

    #[test]
    fn unkillable_process_is_given_up() {
        let (mut life, now) = life();
        assert_eq!(life.flooded(Stream::Stdout, now), Action::Kill);
        assert_eq!(life.tick(now + GIVE_UP), Action::Finish);
        assert!(!life.exited());
    }

    #[test]
    fn straggler_may_print_for_the_drain_and_is_then_leaky() {
        let (mut life, now) = life();
        assert_eq!(life.child_exited(now), Action::Wait);
        assert_eq!(life.tick(now + DRAIN / 2), Action::Wait);
        assert!(!life.leaky());
        assert_eq!(life.tick(now + DRAIN), Action::Finish);
        assert!(life.leaky());
        assert_eq!(life.cause(), None);
    }

    #[test]
    fn straggler_that_floods_is_stopped_at_once() {
        let (mut life, now) = life();
        life.child_exited(now);
        assert_eq!(life.flooded(Stream::Stderr, now), Action::Finish);
        assert_eq!(life.cause(), Some(End::Flooded(Stream::Stderr)));
    }

    #[test]
    fn cancellation_is_polite_and_happens_once() {
        let (mut life, now) = life();
        assert_eq!(life.cancelled(now), Action::Terminate);
        assert_eq!(life.cancelled(now), Action::Wait);
        assert_eq!(life.tick(now + GRACE), Action::Kill);
        assert_eq!(life.cause(), Some(End::Cancelled));
    }

    #[test]
    fn first_cause_stays() {
        let (mut life, now) = life();
        life.cancelled(now);
        life.flooded(Stream::Stdout, now);
        assert_eq!(life.cause(), Some(End::Cancelled));
    }

    #[test]
    fn supervisor_never_sleeps_past_a_tick() {
        let (life, now) = life();
        assert_eq!(life.patience(now), TICK);
        assert_eq!(life.patience(now + Duration::from_secs(2)), Duration::ZERO);
    }
}
