//! Finds what each event type does to one leaf: the explanation that says the most of what is seen in the fewest words.
//!
//! Everything is counted in bits, as in the principle of the least description
//! (<https://en.wikipedia.org/wiki/Minimum_description_length>): a rule costs what it takes to say it, a value that the
//! rules do not give costs what it takes to note it. So a rule has to explain more than it costs, a drifted snapshot is
//! cheaper to note than to explain, and of two rules that explain the same the simpler one wins, or the one whose names
//! agree. The search climbs: one event type at a time, then all at once to the same effect, then pairs.

use super::candidates::{Candidates, Tier};
use super::effect::Effect;
use super::expression::{Expr, path};
use super::facts::{Facts, Root};
use super::machine::{Machine, Meter, Profile, Run};
use super::value::{Amount, V};
use super::words::agreement;

/// What was found for a leaf.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// What it is before the first event.
    pub(super) initial: V,
    /// For each input what it does.
    pub(super) effects: Vec<Effect>,
    /// For each input whether the evidence says so, or it is taken from the others or from names.
    pub(super) grounds: Vec<Ground>,
    /// What it costs to note the values that it does not give.
    pub(super) misses: f64,
}

impl Leaf {
    /// One to which nothing is done.
    pub(super) fn idle(inputs: usize) -> Self {
        Self {
            initial: V::Missing,
            effects: vec![Effect::Keep; inputs],
            grounds: vec![Ground::default(); inputs],
            misses: 0.0,
        }
    }
}

/// On what the effect of an event type on a leaf stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ground {
    /// How many pieces of evidence would come out wrong with another effect.
    pub(super) evidence: usize,
    /// What would explain the evidence as well.
    pub(super) rivals: Vec<String>,
}

/// A mismatch of less than this is none.
const NOTHING: f64 = 1e-6;

/// What takes so many bits more to say is no rival.
const RIVAL: f64 = 2.5;

/// How many of each input's candidates are tried in pairs.
const PAIRED: usize = 16;

/// What so small a part of the evidence says otherwise has drifted: no rule is sought for it.
const DRIFT: f64 = 0.02;

/// Searches the effects of one machine.
pub(super) fn search(facts: &Facts, machine: &Machine, meter: &mut Meter<'_>) -> Leaf {
    let profile = Profile::of(machine);
    let mut candidates = Candidates::new(facts, machine, &profile);
    let mut climb = Climb::new(facts, machine);
    climb.offer(&candidates, Tier::Plain);
    let mut best = climb.best_from_all_starts(meter);
    let drift = DRIFT * worth(machine) + NOTHING;
    for tier in [Tier::Computed, Tier::Conditional] {
        if climb.misses(&best) <= drift || !meter.spend(0) {
            break;
        }
        best = climb.offer_more(&candidates, tier, &best);
        let again = climb.best_from_all_starts(meter);
        best = climb.better(best, again);
    }
    if climb.misses(&best) > drift && meter.spend(0) {
        // Now that is known what the others do, enumerations can be read off more surely.
        let changes = (0..machine.inputs.len()).map(|input| *climb.effect(input, choice(&best, input)) != Effect::Keep);
        candidates.knowing(changes.collect());
        best = climb.offer_more(&candidates, Tier::Conditional, &best);
        best = climb.climb(best, From::Start, meter);
    }
    if climb.misses(&best) > drift {
        best = climb.pairs(best, meter);
    }
    climb.settle(&mut best, &profile);
    climb.leaf(&best)
}

/// What all that is seen would cost to note.
pub(super) fn worth(machine: &Machine) -> f64 {
    machine.seen().map(|seen| f64::from(seen.weight) * miss(&seen.value, &V::Missing)).sum()
}

/// For each input which candidate it has; the last one is what is there before the first event.
type Choices = Vec<usize>;

struct Climb<'a> {
    facts: &'a Facts,
    machine: &'a Machine,
    options: Vec<Vec<(Effect, f64)>>,
    /// For each input the runs that it occurs in.
    touched: Vec<Vec<usize>>,
    /// For each input whether it is mostly the first of a run.
    begins: Vec<bool>,
}

/// From where a run is folded to the next value that is known.
#[derive(Clone, Copy, PartialEq)]
enum From {
    /// From its beginning: what the rules really give.
    Start,
    /// From the value that was known last: says of each stretch alone whether it is explained.
    Known,
}

impl<'a> Climb<'a> {
    fn new(facts: &'a Facts, machine: &'a Machine) -> Self {
        let inputs = machine.inputs.len();
        let mut touched = vec![Vec::new(); inputs + 1];
        for (index, run) in machine.runs.iter().enumerate() {
            let Some(last) = run.seen.last() else { continue };
            for step in run.steps.iter().take(last.after) {
                if let Some(runs) =
                    touched.get_mut(step.input).filter(|runs: &&mut Vec<usize>| runs.last() != Some(&index))
                {
                    runs.push(index);
                }
            }
            if let Some(all) = touched.get_mut(inputs) {
                all.push(index);
            }
        }
        let begins = (0..inputs).map(|input| begins(machine, input)).collect();
        Self { facts, machine, options: Vec::new(), touched, begins }
    }

    fn offer(&mut self, candidates: &Candidates<'_>, tier: Tier) {
        let inputs = self.machine.inputs.len();
        let mut options: Vec<Vec<(Effect, f64)>> = Vec::with_capacity(inputs + 1);
        for input in 0..inputs {
            let begins = self.begins.get(input) == Some(&true);
            // How long a list is has nothing to do with where a number begins, and is the same often enough to seem to.
            let odd = |effect: &Effect| {
                begins && matches!(effect, Effect::Add(Expr::Length(_)) | Effect::Subtract(Expr::Length(_)))
            };
            let priced = candidates.of(input, tier).into_iter().filter(|effect| !odd(effect)).map(|effect| {
                let price = self.price(input, &effect);
                (effect, price)
            });
            options.push(priced.collect());
        }
        let initial = candidates.initial().into_iter().map(|effect| {
            let price = match effect.expr() {
                Some(Expr::Constant(V::Int(0) | V::Bool(_) | V::List(_) | V::Object(_))) => 6.5,
                Some(_) => 8.0,
                None => 0.0,
            };
            (effect, price)
        });
        options.push(initial.collect());
        self.options = options;
    }

    /// Offers more, and says where the choices stand among it.
    fn offer_more(&mut self, candidates: &Candidates<'_>, tier: Tier, choices: &Choices) -> Choices {
        let chosen: Vec<Effect> =
            choices.iter().enumerate().map(|(input, choice)| self.effect(input, *choice).clone()).collect();
        self.offer(candidates, tier);
        let place = |(input, effect): (usize, &Effect)| {
            let options = self.options.get(input);
            options.and_then(|options| options.iter().position(|(known, _)| known == effect)).unwrap_or(0)
        };
        chosen.iter().enumerate().map(place).collect()
    }

    /// What it takes to say an effect; names that agree go without saying.
    fn price(&self, input: usize, effect: &Effect) -> f64 {
        let Some(kind) = self.machine.kind(self.facts, input) else { return 0.0 };
        let named = effect.expr().map_or(0.0, |expr| {
            let fields = expr.fields();
            let names = fields.iter().filter_map(|field| kind.fields.get(*field));
            let best = names.map(|field| {
                // Time, actor and the like are named after what they are to the leaf.
                let name = match (field.root, field.name()) {
                    (Root::Envelope, "timestamp") => "time at on",
                    (_, name) => name,
                };
                agreement(name, &self.machine.name)
            });
            best.fold(0.0, f32::max)
        });
        let verb = if named < 0.99 { verb_bonus(effect, &kind.event_type) } else { 0.0 };
        let verb = verb + self.habit(input, effect, kind, named) + self.told(effect, &kind.event_type);
        f64::from(
            (effect.cost(kind) + 1.0 - 2.0 * named - verb).max(0.1)
                * if matches!(effect, Effect::Keep) { 0.0 } else { 1.0 },
        )
    }

    /// What the event type's own name says: of which leaf it is, and what that becomes.
    fn told(&self, effect: &Effect, event_type: &str) -> f32 {
        let of_leaf = 1.5 * agreement(event_type, &self.machine.name);
        let becomes = match effect {
            Effect::Set(Expr::Constant(V::Text(text))) => 3.0 * agreement(event_type, text),
            _ => 0.0,
        };
        of_leaf + becomes
    }

    /// What is usual with numbers: the first event sets them, later ones add to them, unless the names are the same.
    fn habit(&self, input: usize, effect: &Effect, kind: &super::facts::Kind, named: f32) -> f32 {
        let begins = self.begins.get(input) == Some(&true);
        match effect {
            Effect::Set(Expr::Field(field)) if !begins && named < 0.5 => {
                let counts = kind.fields.get(*field).is_some_and(super::facts::Field::counts);
                if counts { -1.0 } else { 0.0 }
            }
            Effect::Add(_) | Effect::Subtract(_) if begins => -1.0,
            _ => 0.0,
        }
    }

    fn effect(&self, input: usize, choice: usize) -> &Effect {
        static KEEP: Effect = Effect::Keep;
        self.options.get(input).and_then(|options| options.get(choice)).map_or(&KEEP, |(effect, _)| effect)
    }

    fn cost_of(&self, input: usize, choice: usize) -> f64 {
        self.options.get(input).and_then(|options| options.get(choice)).map_or(0.0, |(_, price)| *price)
    }

    fn said(&self, choices: &Choices) -> f64 {
        choices.iter().enumerate().map(|(input, choice)| self.cost_of(input, *choice)).sum()
    }

    fn misses(&self, choices: &Choices) -> f64 {
        let all = self.machine.runs.iter();
        all.map(|run| self.run(run, choices, From::Start)).sum()
    }

    fn total(&self, choices: &Choices) -> f64 {
        self.said(choices) + self.misses(choices)
    }

    fn better(&self, a: Choices, b: Choices) -> Choices {
        if self.total(&b) < self.total(&a) - NOTHING { b } else { a }
    }

    /// What it costs to note what the choices do not give in one run.
    fn run(&self, run: &Run, choices: &Choices, from: From) -> f64 {
        let mut x = self.before(choices);
        let mut done = 0;
        let mut cost = 0.0;
        for seen in &run.seen {
            for step in run.steps.get(done..seen.after).unwrap_or_default() {
                if let (Some(choice), Some(fact)) = (choices.get(step.input), self.facts.events.get(step.event)) {
                    self.effect(step.input, *choice).apply(&mut x, fact);
                }
            }
            done = seen.after.max(done);
            cost += f64::from(seen.weight) * miss(&seen.value, &x);
            if from == From::Known {
                x = seen.value.clone();
            }
        }
        cost
    }

    fn before(&self, choices: &Choices) -> V {
        let initial = self.machine.inputs.len();
        match self.effect(initial, choices.get(initial).copied().unwrap_or(0)) {
            Effect::Set(Expr::Constant(value)) => value.clone(),
            _ => V::Missing,
        }
    }

    /// Climbs from nothing and from what the names say, first stretch by stretch, and takes the best.
    fn best_from_all_starts(&self, meter: &mut Meter<'_>) -> Choices {
        let named = self.named();
        let mut best = self.climb(named, From::Start, meter);
        if self.misses(&best) <= NOTHING {
            return best;
        }
        for from in [From::Known, From::Start] {
            let start = vec![0; self.machine.inputs.len() + 1];
            let mut reached = self.climb(start, from, meter);
            if from == From::Known {
                reached = self.climb(reached, From::Start, meter);
            }
            best = self.better(best, reached);
            if self.misses(&best) <= NOTHING {
                break;
            }
        }
        best
    }

    /// Where a field has the leaf's own name, it sets it.
    fn named(&self) -> Choices {
        let inputs = self.machine.inputs.len();
        let mut choices: Choices = (0..inputs)
            .map(|input| {
                let Some(kind) = self.machine.kind(self.facts, input) else { return 0 };
                let same_name = |effect: &Effect| match effect {
                    Effect::Set(Expr::Field(field)) => kind.fields.get(*field).is_some_and(|field| {
                        field.root == Root::Data && agreement(field.name(), &self.machine.name) > 0.99
                    }),
                    _ => false,
                };
                let options = self.options.get(input).map(Vec::as_slice).unwrap_or_default();
                options.iter().position(|(effect, _)| same_name(effect)).unwrap_or(0)
            })
            .collect();
        choices.push(0);
        choices
    }

    fn climb(&self, mut choices: Choices, from: From, meter: &mut Meter<'_>) -> Choices {
        let mut costs: Vec<f64> = self.machine.runs.iter().map(|run| self.run(run, &choices, from)).collect();
        loop {
            let mut improved = false;
            for input in 0..self.options.len() {
                improved |= self.improve(input, &mut choices, &mut costs, from, meter);
            }
            if !improved {
                improved = self.all_alike(&mut choices, &mut costs, from, meter);
            }
            if !improved || !meter.spend(0) {
                return choices;
            }
        }
    }

    /// Takes the best candidate for one input, the others staying as they are.
    fn improve(
        &self,
        input: usize,
        choices: &mut Choices,
        costs: &mut [f64],
        from: From,
        meter: &mut Meter<'_>,
    ) -> bool {
        let Some(current) = choices.get(input).copied() else { return false };
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let now: f64 = touched.iter().filter_map(|run| costs.get(*run)).sum::<f64>() + self.cost_of(input, current);
        let mut best = (current, now);
        for choice in 0..self.options.get(input).map_or(0, Vec::len) {
            if choice == current || self.cost_of(input, choice) >= best.1 {
                continue;
            }
            let Some(place) = choices.get_mut(input) else { continue };
            *place = choice;
            let cost = self.cost_of(input, choice) + self.sum_of(touched, choices, from, best.1, meter);
            if cost < best.1 - NOTHING {
                best = (choice, cost);
            }
            if !meter.spend(0) {
                break;
            }
        }
        if let Some(place) = choices.get_mut(input) {
            *place = best.0;
        }
        if best.0 == current {
            return false;
        }
        self.refresh(touched, choices, costs, from);
        true
    }

    /// The sum over some runs, given up once it is beyond what is known to be possible.
    fn sum_of(&self, runs: &[usize], choices: &Choices, from: From, most: f64, meter: &mut Meter<'_>) -> f64 {
        let mut sum = 0.0;
        for run in runs.iter().filter_map(|run| self.machine.runs.get(*run)) {
            sum += self.run(run, choices, from);
            meter.spend(run.steps.len());
            if sum > most {
                break;
            }
        }
        sum
    }

    fn refresh(&self, runs: &[usize], choices: &Choices, costs: &mut [f64], from: From) {
        for index in runs {
            if let (Some(run), Some(cost)) = (self.machine.runs.get(*index), costs.get_mut(*index)) {
                *cost = self.run(run, choices, from);
            }
        }
    }

    /// Tries the same effect for all inputs at once: the time of the last event is set by every event.
    fn all_alike(&self, choices: &mut Choices, costs: &mut [f64], from: From, meter: &mut Meter<'_>) -> bool {
        let now = self.said(choices) + costs.iter().sum::<f64>();
        let runs: Vec<usize> = (0..self.machine.runs.len()).collect();
        for text in self.shared_effects() {
            let alike: Choices = choices
                .iter()
                .enumerate()
                .map(|(input, choice)| self.position(input, &text).unwrap_or(*choice))
                .collect();
            if alike == *choices {
                continue;
            }
            let cost = self.said(&alike) + self.sum_of(&runs, &alike, from, now, meter);
            if cost < now - NOTHING {
                *choices = alike;
                self.refresh(&runs, choices, costs, from);
                return true;
            }
            if !meter.spend(0) {
                return false;
            }
        }
        false
    }

    /// What is, written down, the same for several inputs.
    fn shared_effects(&self) -> Vec<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for input in 0..self.machine.inputs.len() {
            for (effect, _) in self.options.get(input).into_iter().flatten() {
                let Some(text) = self.text(input, effect) else { continue };
                match counts.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((text, 1)),
                }
            }
        }
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(text, _)| text).collect()
    }

    /// An effect of one field or of a constant step, written down.
    fn text(&self, input: usize, effect: &Effect) -> Option<String> {
        let kind = self.machine.kind(self.facts, input)?;
        match effect {
            Effect::Set(Expr::Field(field)) => Some(path(kind, *field)),
            Effect::Add(Expr::Constant(V::Int(1))) => Some("+ 1".to_owned()),
            Effect::Most(Expr::Field(field)) => Some(format!("most {}", path(kind, *field))),
            Effect::Least(Expr::Field(field)) => Some(format!("least {}", path(kind, *field))),
            _ => None,
        }
    }

    fn position(&self, input: usize, text: &str) -> Option<usize> {
        let options = self.options.get(input)?;
        options.iter().position(|(effect, _)| self.text(input, effect).as_deref() == Some(text))
    }

    /// Changes two inputs at once, those that occur together where something is not explained.
    fn pairs(&self, start: Choices, meter: &mut Meter<'_>) -> Choices {
        let mut best = start;
        for from in [From::Known, From::Start] {
            while let Some(found) = self.pair(&best, from, meter) {
                let found = self.climb(found, From::Start, meter);
                if self.total(&found) >= self.total(&best) - NOTHING {
                    break;
                }
                best = found;
                if self.misses(&best) <= NOTHING || !meter.spend(0) {
                    return best;
                }
            }
        }
        best
    }

    fn pair(&self, choices: &Choices, from: From, meter: &mut Meter<'_>) -> Option<Choices> {
        let inputs = self.suspects(choices, from);
        let all: f64 =
            self.machine.runs.iter().map(|run| self.run(run, choices, from)).sum::<f64>() + self.said(choices);
        let mut found: Option<(Choices, f64)> = None;
        for (at, a) in inputs.iter().enumerate() {
            for b in inputs.iter().skip(at + 1) {
                let mut runs: Vec<usize> =
                    [*a, *b].iter().filter_map(|input| self.touched.get(*input)).flatten().copied().collect();
                runs.sort_unstable();
                runs.dedup();
                let rest = all
                    - self.sum_of(&runs, choices, from, f64::INFINITY, meter)
                    - self.cost_of(*a, choice(choices, *a))
                    - self.cost_of(*b, choice(choices, *b));
                for x in self.cheapest(*a) {
                    for y in self.cheapest(*b) {
                        let mut tried = choices.clone();
                        if let Some(place) = tried.get_mut(*a) {
                            *place = x;
                        }
                        if let Some(place) = tried.get_mut(*b) {
                            *place = y;
                        }
                        let said = rest + self.cost_of(*a, x) + self.cost_of(*b, y);
                        let most = found.as_ref().map_or(all, |(_, cost)| *cost);
                        let cost = said + self.sum_of(&runs, &tried, from, most - said, meter);
                        if cost < most - NOTHING {
                            found = Some((tried, cost));
                        }
                        if !meter.spend(0) {
                            return found.map(|(choices, _)| choices);
                        }
                    }
                }
            }
        }
        found.map(|(choices, _)| choices)
    }

    /// The inputs that occur where something is not explained, the most frequent first.
    fn suspects(&self, choices: &Choices, from: From) -> Vec<usize> {
        let mut counts = vec![0_usize; self.machine.inputs.len()];
        for run in self.machine.runs.iter().filter(|run| self.run(run, choices, from) > NOTHING) {
            let last = run.seen.last().map_or(0, |seen| seen.after);
            for step in run.steps.iter().take(last) {
                if let Some(count) = counts.get_mut(step.input) {
                    *count += 1;
                }
            }
        }
        // What would have made the difference may be just what did not happen there.
        let mut inputs: Vec<usize> = (0..counts.len()).collect();
        inputs.sort_by_key(|input| std::cmp::Reverse(counts.get(*input).copied()));
        inputs.truncate(6);
        inputs
    }

    fn cheapest(&self, input: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.options.get(input).map_or(0, Vec::len)).collect();
        order.sort_by(|a, b| self.cost_of(input, *a).total_cmp(&self.cost_of(input, *b)));
        order.truncate(PAIRED);
        order
    }

    /// Fills in what the evidence leaves open: what all the others do, what the names say, what things begin as.
    fn settle(&self, choices: &mut Choices, profile: &Profile) {
        self.harmonise(choices);
        let inputs = self.machine.inputs.len();
        let named = self.named();
        let sets_by_name =
            (0..inputs).any(|input| choice(choices, input) > 0 && choice(choices, input) == choice(&named, input));
        let before = self.misses(choices);
        for input in 0..inputs {
            let begins = self.begins.get(input) == Some(&true);
            if choice(choices, input) > 0 || (!begins && self.weight_of(input, choices) > 0) {
                continue;
            }
            let by_name = choice(&named, input);
            if by_name > 0 && (sets_by_name || begins) {
                self.choose(choices, input, by_name, before);
            } else if let Some(empty) = profile.empty().filter(|_| begins && !self.machine.entry) {
                let set = Effect::Set(Expr::Constant(empty));
                let options = self.options.get(input).into_iter().flatten();
                if let Some(place) = options.into_iter().position(|(effect, _)| *effect == set) {
                    self.choose(choices, input, place, before);
                }
            }
        }
    }

    /// Makes a choice if nothing that is explained is lost by it.
    fn choose(&self, choices: &mut Choices, input: usize, place: usize, before: f64) -> bool {
        let old = choice(choices, input);
        if let Some(choice) = choices.get_mut(input) {
            *choice = place;
        }
        let fits = self.misses(choices) <= before + NOTHING;
        if let (false, Some(choice)) = (fits, choices.get_mut(input)) {
            *choice = old;
        }
        fits
    }

    /// What most events do all of them do, where the evidence admits it: count themselves, leave their time.
    fn harmonise(&self, choices: &mut Choices) {
        let text = |choices: &Choices, input: usize| self.text(input, self.effect(input, choice(choices, input)));
        let mut counts: Vec<(String, usize)> = Vec::new();
        for found in (0..self.machine.inputs.len()).filter_map(|input| text(choices, input)) {
            match counts.iter().position(|(known, _)| *known == found) {
                Some(at) => counts.iter_mut().skip(at).take(1).for_each(|(_, count)| *count += 1),
                None => counts.push((found, 1)),
            }
        }
        let Some((most, count)) = counts.into_iter().max_by_key(|(_, count)| *count) else { return };
        let silent =
            |choices: &Choices, input: usize| choice(choices, input) == 0 && self.weight_of(input, choices) == 0;
        let others = (0..self.machine.inputs.len()).filter(|input| {
            text(choices, *input).as_ref() != Some(&most)
                && self.begins.get(*input) != Some(&true)
                && !silent(choices, *input)
        });
        let others: Vec<usize> = others.collect();
        let before = self.misses(choices);
        let mut tried = choices.clone();
        // Only if the others could all do the same is it a habit of the store, and not an effect of some.
        let all = others.iter().all(|input| {
            self.position(*input, &most).is_some_and(|place| self.choose(&mut tried, *input, place, before))
        });
        if count < 2 || !all {
            return;
        }
        for input in 0..self.machine.inputs.len() {
            if silent(&tried, input)
                && let Some(place) = self.position(input, &most)
            {
                self.choose(&mut tried, input, place, before);
            }
        }
        *choices = tried;
    }

    /// How many pieces of evidence that are explained would no longer be if an input did something else altogether.
    fn weight_of(&self, input: usize, choices: &Choices) -> usize {
        let poison = Effect::Set(Expr::Constant(V::text("\u{0}")));
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let count = |run: &Run| {
            let (mut x, mut y) = (self.before(choices), self.before(choices));
            let mut done = 0;
            let mut broken = 0;
            for seen in &run.seen {
                for step in run.steps.get(done..seen.after).unwrap_or_default() {
                    let Some(fact) = self.facts.events.get(step.event) else { continue };
                    let effect = self.effect(step.input, choice(choices, step.input));
                    effect.apply(&mut x, fact);
                    if step.input == input { &poison } else { effect }.apply(&mut y, fact);
                }
                done = seen.after.max(done);
                broken += usize::from(x == seen.value && y != seen.value);
            }
            broken
        };
        touched.iter().filter_map(|run| self.machine.runs.get(*run)).map(count).sum()
    }

    /// What explains the evidence as well as what was chosen, and yet is something else.
    fn rivals(&self, input: usize, choices: &Choices) -> Vec<String> {
        let Some(kind) = self.machine.kind(self.facts, input) else { return Vec::new() };
        let touched = self.touched.get(input).map(Vec::as_slice).unwrap_or_default();
        let current = choice(choices, input);
        let mut unmetered = || std::ops::ControlFlow::Continue(());
        let mut meter = Meter::new(u64::MAX, &mut unmetered);
        let now = self.sum_of(touched, choices, From::Start, f64::INFINITY, &mut meter);
        let mut rivals = Vec::new();
        let mut tried = choices.clone();
        let most = self.cost_of(input, current) + RIVAL;
        let first_only = kind.first == kind.count && !self.machine.entry;
        for (index, (effect, price)) in self.options.get(input).into_iter().flatten().enumerate() {
            // Adding to nothing is setting, and what is kept sorted, once, or until it is used up, is so for other reasons.
            let same = first_only && matches!(effect, Effect::Add(_));
            let fine = !matches!(
                effect,
                Effect::Set(_)
                    | Effect::Add(_)
                    | Effect::Subtract(_)
                    | Effect::Append(_)
                    | Effect::Delete
                    | Effect::Toggle
            );
            let same = same || fine;
            if index == current || rivals.len() >= 3 || *price > most || same {
                continue;
            }
            if let Some(place) = tried.get_mut(input) {
                *place = index;
            }
            if self.sum_of(touched, &tried, From::Start, now + NOTHING, &mut meter) <= now + NOTHING {
                rivals.push(effect.brief(kind));
            }
        }
        rivals
    }

    fn leaf(&self, choices: &Choices) -> Leaf {
        let inputs = self.machine.inputs.len();
        let ground = |input: usize| {
            if choice(choices, input) == 0 {
                return Ground { evidence: self.weight_of(input, choices), rivals: Vec::new() };
            }
            Ground { evidence: self.weight_of(input, choices), rivals: self.rivals(input, choices) }
        };
        Leaf {
            initial: self.before(choices),
            effects: (0..inputs).map(|input| self.effect(input, choice(choices, input)).clone()).collect(),
            grounds: (0..inputs).map(ground).collect(),
            misses: self.misses(choices),
        }
    }
}

/// Whether an input is mostly the first that happens to a run.
fn begins(machine: &Machine, input: usize) -> bool {
    let (mut first, mut all) = (0, 0);
    for run in &machine.runs {
        first += usize::from(run.steps.first().is_some_and(|step| step.input == input));
        all += run.steps.iter().filter(|step| step.input == input).count();
    }
    first * 2 > all
}

fn choice(choices: &Choices, input: usize) -> usize {
    choices.get(input).copied().unwrap_or(0)
}

/// Which way an event type's own words point.
fn verb_bonus(effect: &Effect, event_type: &str) -> f32 {
    let adds = super::verbs::direction(event_type);
    match effect {
        Effect::Add(_) | Effect::Drain(_, false) if adds > 0 => 0.5,
        Effect::Subtract(_) | Effect::Drain(_, true) | Effect::Delete | Effect::Exclude(_) if adds < 0 => 0.5,
        _ => 0.0,
    }
}

/// What it costs to note a value that the rules do not give. Who is near has less to note.
pub(super) fn miss(wanted: &V, got: &V) -> f64 {
    if wanted == got {
        return 0.0;
    }
    match (wanted, got) {
        (V::List(wanted), V::List(got)) => {
            let common = wanted.iter().filter(|item| got.contains(item)).count();
            let apart = (wanted.len() - common) + got.len().saturating_sub(common);
            (6.0 + 2.0 * apart as f64).min(14.0 + wanted.len() as f64)
        }
        (V::Object(wanted), V::Object(got)) => {
            let differing = wanted.iter().filter(|(key, value)| got.get(*key) != Some(value)).count();
            (6.0 + 2.0 * differing as f64).min(16.0)
        }
        (V::Missing, _) | (_, V::Missing) => 11.0,
        (V::Bool(_), V::Bool(_)) => 6.0,
        _ => match (Amount::of(wanted), Amount::of(got)) {
            (Some(wanted), Some(got)) => {
                let apart = (wanted.real() - got.real()).abs();
                7.0 + (1.0 + apart).log2().min(20.0) * 0.2
            }
            _ => 10.0,
        },
    }
}
