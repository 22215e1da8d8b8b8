//! Removes sandboxes beside the run, so that no worker waits for a slow disk; all of them are gone when it is dropped.

use super::{RunFolder, Sandbox, run_folder};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Removing waits for the disk, it does not compute: a disk that discards freed blocks takes milliseconds a folder.
const THREADS: usize = 4;

/// Takes sandboxes that are done with. Its drop waits until the last one is removed.
#[derive(Debug)]
pub struct Cleaner {
    /// Always there until the drop, which hangs up by taking it.
    sender: Option<Sender<Sandbox>>,
    threads: Vec<JoinHandle<()>>,
    /// All sandboxes of a run lie in one folder; an error is that of the first sandbox.
    _run: Option<Arc<RunFolder>>,
}

impl Cleaner {
    /// Start the removing threads; where the system refuses them, sandboxes are removed on the spot.
    #[must_use]
    pub fn start() -> Cleaner {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let threads: Vec<_> = (0..THREADS)
            .filter_map(|_| {
                let receiver = Arc::clone(&receiver);
                std::thread::Builder::new()
                    .name("cleaner".to_owned())
                    .spawn(move || {
                        while let Some(sandbox) = next(&receiver) {
                            drop(sandbox);
                        }
                    })
                    .ok()
            })
            .collect();
        Cleaner {
            sender: (!threads.is_empty()).then_some(sender),
            threads,
            _run: run_folder::current().ok(),
        }
    }

    /// Remove a sandbox soon.
    pub fn remove(&self, sandbox: Sandbox) {
        match &self.sender {
            // Nobody listens only if every thread has panicked; the sandbox comes back with the error and is removed here.
            Some(sender) => drop(sender.send(sandbox)),
            None => drop(sandbox),
        }
    }
}

/// The next sandbox, or none when the cleaner has hung up. The lock is held while waiting, not while removing.
fn next(receiver: &Mutex<Receiver<Sandbox>>) -> Option<Sandbox> {
    let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
    receiver.recv().ok()
}

impl Drop for Cleaner {
    fn drop(&mut self) {
        self.sender = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so, and the others have done its work.
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_when_the_cleaner_is_dropped() {
        let cleaner = Cleaner::start();
        let roots: Vec<_> = (0..20)
            .map(|_| {
                let sandbox = Sandbox::empty().unwrap();
                let root = sandbox.root().to_path_buf();
                cleaner.remove(sandbox);
                root
            })
            .collect();
        drop(cleaner);
        assert!(roots.iter().all(|root| !root.exists()));
    }
}
