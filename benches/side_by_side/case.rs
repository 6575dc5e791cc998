//! A case: one task, done in several ways, in turn.

use crate::Outcome;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

type Task<'w> = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Outcome<u64>> + 'w>> + 'w>;

/// One task done in several ways; the first is the floor.
pub(crate) struct Case<'w> {
    pub(crate) name: &'static str,
    pub(crate) floor: &'static str,
    /// How often the task is done in a round.
    repeat: usize,
    ways: Vec<(&'static str, Task<'w>)>,
}

/// How a way did, in each round.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// Microseconds a task, on the wall.
    pub(crate) wall: Vec<f64>,
    /// To the floor of the same round.
    pub(crate) wall_ratio: Vec<f64>,
    /// Time of this process's processor alone, to the floor's.
    pub(crate) cpu_ratio: Vec<f64>,
}

impl<'w> Case<'w> {
    pub(crate) fn new(name: &'static str, floor: &'static str, repeat: usize) -> Self {
        Self {
            name,
            floor,
            repeat,
            ways: Vec::new(),
        }
    }

    /// Adds a way. It gets a number that differs from call to call, and returns a checksum of what it saw.
    pub(crate) fn way<F>(mut self, name: &'static str, task: impl Fn(usize) -> F + 'w) -> Self
    where
        F: Future<Output = Outcome<u64>> + 'w,
    {
        self.ways
            .push((name, Box::new(move |number| Box::pin(task(number)))));
        self
    }

    /// Runs all ways in turn, as often as asked, after two rounds to warm up.
    pub(crate) async fn measure(&mut self, rounds: usize) -> Outcome<Vec<Measured>> {
        const WARM_UP: usize = 2;
        let blank = |(name, _): &(&'static str, Task<'w>)| Measured {
            name,
            wall: Vec::new(),
            wall_ratio: Vec::new(),
            cpu_ratio: Vec::new(),
        };
        let mut measured: Vec<Measured> = self.ways.iter().map(blank).collect();
        for round in 0..rounds + WARM_UP {
            let mut spent = vec![(Duration::ZERO, Duration::ZERO); self.ways.len()];
            // The order turns, so that no way always follows the same one.
            for turn in 0..self.ways.len() {
                let way = (turn + round) % self.ways.len();
                spent[way] = self.run(way, round).await?;
            }
            if round < WARM_UP {
                continue;
            }
            let (floor_wall, floor_cpu) = spent[0];
            for (measured, (wall, cpu)) in measured.iter_mut().zip(spent) {
                measured
                    .wall
                    .push(wall.as_secs_f64() * 1e6 / self.repeat as f64);
                measured
                    .wall_ratio
                    .push(wall.as_secs_f64() / floor_wall.as_secs_f64());
                measured
                    .cpu_ratio
                    .push(cpu.as_secs_f64() / floor_cpu.as_secs_f64());
            }
        }
        Ok(measured)
    }

    /// Runs one way so many times, and nothing else.
    pub(crate) async fn repeat(&self, way: &str, times: usize) -> Outcome<()> {
        let found = self.ways.iter().find(|(name, _)| *name == way);
        let (_, task) = found.ok_or_else(|| format!("{} has no way {way}", self.name))?;
        for number in 0..times {
            task(number).await?;
        }
        Ok(())
    }

    async fn run(&self, way: usize, round: usize) -> Outcome<(Duration, Duration)> {
        let (name, task) = &self.ways[way];
        let expected = self.ways[0].1(round).await?;
        let found = task(round).await?;
        if found != expected {
            return Err(format!(
                "{}: {name} saw {found:x}, the floor {expected:x}",
                self.name
            )
            .into());
        }
        let (cpu, wall) = (processor_time(), Instant::now());
        for number in 0..self.repeat {
            task(number + round).await?;
        }
        Ok((wall.elapsed(), processor_time() - cpu))
    }
}

/// What this process has used of the processor; the server's time is not in it.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

/// A checksum that sees order and content.
#[derive(Clone, Copy, Default)]
pub(crate) struct Checksum(u64);

impl Checksum {
    pub(crate) fn add(&mut self, number: i64) {
        self.0 = (self.0.rotate_left(5) ^ number as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.add(text.len() as i64);
        self.add(text.bytes().next().map_or(0, i64::from));
    }

    pub(crate) fn sum(self) -> u64 {
        self.0
    }
}
