//! Random 500s, decided by the seed and the number of the request. Whoever asks again is answered, as
//! the official migration tool relied on.

use std::collections::HashSet;

use crate::dice::Dice;

#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    share: f64,
    /// What failed and was not asked for again yet.
    failed: HashSet<String>,
}

impl Faults {
    pub(crate) fn new(seed: u64, share: f64) -> Self {
        Self { seed, share, failed: HashSet::new() }
    }

    pub(crate) fn strike(&mut self, request: u64, target: &str) -> bool {
        if self.share <= 0.0 || self.failed.remove(target) {
            return false;
        }
        let strikes = Dice::new(self.seed ^ request, "faults").share() < self.share;
        if strikes {
            self.failed.insert(target.to_owned());
        }
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_the_same_for_a_seed_and_gone_on_retry() {
        let run = |seed| {
            let mut faults = Faults::new(seed, 0.2);
            (0..500).filter(|n| faults.strike(*n, &n.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!((60..140).contains(&run(1).len()), "about one in five: {}", run(1).len());
        let mut always = Faults::new(1, 1.0);
        assert!(always.strike(0, "/x"));
        assert!(!always.strike(1, "/x"));
        assert!(always.strike(2, "/x"));
    }
}
