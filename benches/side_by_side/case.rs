//! A case: one task, done in several ways, in turn.

use crate::Outcome;
use crate::data::World;
use crate::watch::Watch;
use ormcore::Db;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

type Task<'w> = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Outcome<u64>> + 'w>> + 'w>;

/// One task done in several ways; the first is the floor.
pub(crate) struct Case<'w> {
    pub(crate) name: &'static str,
    pub(crate) floor: &'static str,
    /// How often the task is done in a round.
    repeat: usize,
    /// Enough rounds for a task that takes long.
    at_most: usize,
    ways: Vec<Way<'w>>,
    /// Done before each round of each way, and not measured.
    tidy: Option<Task<'w>>,
    /// What is there after each round of each way: a checksum, and not measured.
    left: Option<Task<'w>>,
    /// Where the clock stands still before the task.
    clock: Option<Clock>,
}

/// One way to do it.
struct Way<'w> {
    name: &'static str,
    /// Which of ormcore's handles it goes through, if it goes through several.
    watch: Watch,
    task: Task<'w>,
}

/// When what is measured of a task began: when it was built, or when the task says.
#[derive(Clone)]
pub(crate) struct Clock(Rc<Cell<(Duration, Instant)>>);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Rc::new(Cell::new((processor_time(), Instant::now()))))
    }

    pub(crate) fn start(&self) {
        self.0.set((processor_time(), Instant::now()));
    }
}

/// How a way did, in each round.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) watch: Watch,
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
            at_most: usize::MAX,
            ways: Vec::new(),
            tidy: None,
            left: None,
            clock: None,
        }
    }

    /// It takes so long that this many rounds have to do.
    pub(crate) fn at_most(mut self, rounds: usize) -> Self {
        self.at_most = rounds;
        self
    }

    /// Does this before each round of each way, and does not measure it.
    pub(crate) fn tidy<F>(mut self, task: impl Fn(usize) -> F + 'w) -> Self
    where
        F: Future<Output = Outcome<u64>> + 'w,
    {
        self.tidy = Some(Box::new(move |number| Box::pin(task(number))));
        self
    }

    /// Takes this checksum after each round of each way, for what a way wrote and did not read back.
    pub(crate) fn left<F>(mut self, task: impl Fn(usize) -> F + 'w) -> Self
    where
        F: Future<Output = Outcome<u64>> + 'w,
    {
        self.left = Some(Box::new(move |number| Box::pin(task(number))));
        self
    }

    /// Lets the clock stand still while a task is built: what a way does before its `async` block, such as making rows, is
    /// not measured. For long tasks only, because looking at the clock takes longer than a short one is exact to.
    pub(crate) fn built_aside(self) -> Self {
        self.timed_by(&Clock::new())
    }

    /// The same, and each way starts the clock when what is measured begins.
    pub(crate) fn timed_by(mut self, clock: &Clock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Adds a way. It gets a number that differs from call to call, and returns a checksum of what it saw.
    pub(crate) fn way<F>(mut self, name: &'static str, task: impl Fn(usize) -> F + 'w) -> Self
    where
        F: Future<Output = Outcome<u64>> + 'w,
    {
        self.ways.push(Way {
            name,
            watch: Watch::NoSdk,
            task: Box::new(move |number| Box::pin(task(number))),
        });
        self
    }

    /// Adds a way of ormcore's, once for each handle of the world.
    pub(crate) fn ours<F>(
        mut self,
        name: &'static str,
        world: &'w World,
        task: impl Fn(&'w Db, usize) -> F + Clone + 'w,
    ) -> Self
    where
        F: Future<Output = Outcome<u64>> + 'w,
    {
        for (watch, db) in &world.handles {
            let task = task.clone();
            self.ways.push(Way {
                name,
                watch: *watch,
                task: Box::new(move |number| Box::pin(task(db, number))),
            });
        }
        self
    }

    /// For a way that is added from elsewhere and starts it by itself.
    #[allow(dead_code, reason = "only rivals are added from elsewhere")]
    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone().unwrap_or_else(Clock::new)
    }

    /// The names of its ways, each once.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.ways.iter().map(|way| way.name).collect();
        names.dedup();
        names
    }

    /// How many of so many rounds are enough.
    pub(crate) fn rounds(&self, asked: usize) -> usize {
        asked.min(self.at_most)
    }

    /// Runs all ways in turn, as often as asked, after two rounds to warm up. What a way saw in a round must be what the
    /// floor saw in it.
    pub(crate) async fn measure(&self, rounds: usize) -> Outcome<Vec<Measured>> {
        let rounds = self.rounds(rounds);
        let warm_up = rounds.min(2);
        let blank = |way: &Way<'w>| Measured {
            name: way.name,
            watch: way.watch,
            wall: Vec::new(),
            wall_ratio: Vec::new(),
            cpu_ratio: Vec::new(),
        };
        let mut measured: Vec<Measured> = self.ways.iter().map(blank).collect();
        for round in 0..rounds + warm_up {
            let mut spent = vec![Spent::default(); self.ways.len()];
            // The order turns, so that no way always follows the same one.
            for turn in 0..self.ways.len() {
                let way = (turn + round) % self.ways.len();
                spent[way] = self.run(way, round).await?;
            }
            let floor = spent[0];
            for (measured, spent) in measured.iter_mut().zip(spent) {
                if spent.saw != floor.saw {
                    let (case, way) = (self.name, measured.name);
                    return Err(format!("{case}: {way} did not see what the floor saw").into());
                }
                if round < warm_up {
                    continue;
                }
                let each = spent.wall.as_secs_f64() * 1e6 / self.repeat as f64;
                measured.wall.push(each);
                measured.wall_ratio.push(ratio(spent.wall, floor.wall));
                measured.cpu_ratio.push(ratio(spent.cpu, floor.cpu));
            }
        }
        Ok(measured)
    }

    /// Runs one way so many times, and nothing else; of ormcore's handles the first.
    pub(crate) async fn repeat(&self, way: &str, times: usize) -> Outcome<()> {
        let found = self.ways.iter().find(|other| other.name == way);
        let found = found.ok_or_else(|| format!("{} has no way {way}", self.name))?;
        for number in 0..times {
            (found.task)(number).await?;
        }
        Ok(())
    }

    async fn run(&self, way: usize, round: usize) -> Outcome<Spent> {
        let task = &self.ways[way].task;
        if let Some(tidy) = &self.tidy {
            tidy(round).await?;
        }
        let mut saw = Checksum::default();
        let mut spent = Spent::default();
        let whole = Clock::new();
        for number in round..round + self.repeat {
            let task = task(number);
            if let Some(clock) = &self.clock {
                clock.start();
            }
            saw.add(task.await? as i64);
            if let Some(clock) = &self.clock {
                spent.add(clock);
            }
        }
        if self.clock.is_none() {
            spent.add(&whole);
        }
        if let Some(left) = &self.left {
            saw.add(left(round).await? as i64);
        }
        spent.saw = saw.sum();
        Ok(spent)
    }
}

/// One way's round.
#[derive(Clone, Copy, Default)]
struct Spent {
    wall: Duration,
    cpu: Duration,
    saw: u64,
}

impl Spent {
    /// What has passed since then.
    fn add(&mut self, Clock(began): &Clock) {
        let (cpu, wall) = began.get();
        self.wall += wall.elapsed();
        self.cpu += processor_time() - cpu;
    }
}

fn ratio(ours: Duration, floor: Duration) -> f64 {
    ours.as_secs_f64() / floor.as_secs_f64()
}

/// What this process has used of the processor; the server's time is not in it.
pub(crate) fn processor_time() -> Duration {
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
