"""The decisions of the model: numbers in, numbers out. No SimPy, no objects, no randomness of their own.

`u` is always one uniform number of (0, 1) that belongs to the case, contact, leg and purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, inf, log, log1p, prod, sqrt
from statistics import NormalDist
from typing import Any, TypeVar

import numpy.typing as npt

Array = npt.NDArray[Any]


def within_reach(difficulty: float, reach: float) -> bool:
    """Whether a handler of the given reach can solve a case of the given difficulty (both shares of all cases of the
    topic, from the easiest)."""
    return difficulty < reach


def is_right(u: float, accuracy: float) -> bool:
    """Whether the answer to a case within reach is right; a wrong one the customer will find out."""
    return u < accuracy


def finds_article(exists: Array, coverage: Array, found: Array, findability: float) -> Array:
    """Whether a customer who looks meets an article for the case: there is one, and it is found. `exists` and `found` are
    uniform numbers of the case; both are independent of the difficulty (an assumption of the model)."""
    return (exists < coverage) & (found < findability)


def is_answered(u: Array, answers: float, after: Array, patience: Array) -> Array:
    """Whether the community answers a question, and while the customer still waits (`after` and `patience` in s)."""
    return (u < answers) & (after <= patience)


def helps_or_misleads(
    met: Array, difficulty: Array, reach: Array, u: Array, accuracy: Array | float
) -> tuple[Array, Array]:
    """Whom an article or answer that was met helps, and whom it misleads, among cases within reach.

    helped: met, difficulty < reach and u < accuracy; misled: met, difficulty < reach and not right (a stale article
    misleads those whom it would have helped). The others go on, to the community or to the center.
    """
    able = met & (difficulty < reach)
    return able & (u < accuracy), able & ~(u < accuracy)


def sees_limit(u: float, recognition: float) -> bool:
    """Whether a handler sees that a case is beyond the own reach, and escalates instead of answering wrongly."""
    return u < recognition


def tries_again(u: float, probability: float, tries: int, most: int | None) -> bool:
    """Whether a customer redials, or returns, after `tries` earlier ones."""
    return u < probability and (most is None or tries < most)


def one_of(u: float, shares: Sequence[float]) -> int:
    """Which of several ways a customer takes, by the share of customers that each has; -1 for none of them."""
    for index, share in enumerate(shares):
        u -= share
        if u < 0:
            return index
    return -1


def drain_time(ahead: int, pace: float, patience: float = inf) -> float:
    """Mean seconds until a contact is answered that finds `ahead` others before it, in a queue that `pace` contacts a
    second leave into service: with k still ahead the next leaves after 1 / (pace + k / patience) on average.

    Exact for exponential handling and patience (Whitt 1999, "Predicting queueing delays"); infinite without agents.
    """
    if pace <= 0:
        return inf
    if patience == inf:
        return (ahead + 1) / pace
    return sum(1 / (pace + k / patience) for k in range(ahead + 1)) if patience > 0 else 1 / pace


def announced_wait(predicted: float, margin: float, step: float) -> float:
    """The wait (s) that customers are told: the prediction with a margin, rounded up to whole steps."""
    told = predicted * margin
    return ceil(told / step - 1e-9) * step if step and told < inf else told


def balks(announced: float, tolerance: float) -> bool:
    """Whether a customer leaves at once who hears of a wait (both s): when it is longer than the own tolerance.

    Jouini, Aksin and Dallery 2011, "Call centers with delay information": customers react to the announced wait
    by balking; with exponential tolerances they stay with probability exp(-announced / mean).
    """
    return announced > tolerance


def offers_callback(predicted: float, ahead: int, above: float | None, queue: int | None) -> bool:
    """Whether a customer who has to wait is offered a callback: by the predicted wait (s), or by those waiting ahead.

    Armony and Maglaras 2004, "Contact centers with a call-back option and real-time delay information".
    """
    return predicted > above if above is not None else queue is not None and ahead >= queue


def takes_callback(u: float, accepts: float) -> bool:
    """Whether a customer who is offered a callback takes it."""
    return u < accepts


def is_reached(u: float, reached: float) -> bool:
    """Whether a customer who is called back answers; each call is a new chance (an assumption of the model)."""
    return u < reached


def leaves_at_once(u: float, probability: float) -> bool:
    """Whether a customer who would have to wait leaves instead, whatever is announced."""
    return u < probability


def promised_by(now: float, announced: float, leeway: float) -> float:
    """Until when (s) an announced wait counts as kept: a share of it is forgiven."""
    return now + announced * (1 + leeway)


Seconds = TypeVar("Seconds", float, Array)
Number = TypeVar("Number", float, Array)


def patience_time(drawn: Seconds, factor: Seconds | float) -> Seconds:
    """Seconds that a customer of a segment waits, from a patience of `drawn` seconds; a float or an array (an assumption
    of the model: segments differ in the scale of patience, not in its shape)."""
    return drawn * factor


def handling_time(base: Seconds, speed: float) -> Seconds:
    """Seconds that an agent of the given speed needs for work of `base` seconds; a float or an array."""
    return base / speed


def own_speed(u: float, spread: float) -> float:
    """An agent's speed against the mean of the team: lognormal, with mean 1 and coefficient of variation `spread`:
    exp(s * z - s^2 / 2) with s^2 = ln(1 + spread^2), z the normal quantile of u.

    Agents' handling times differ by factors: Gans, Liu, Mandelbaum, Shen and Ye 2010, "Service times in call centers:
    agent heterogeneity and learning with some operational consequences". As the mean speed is 1, agents who are always
    busy get as much done as a team of equals; who answers as often as the others takes 1 + spread^2 as long on average.
    """
    s = sqrt(log1p(spread * spread))
    return exp(s * NormalDist().inv_cdf(u) - s * s / 2) if s else 1.0


def own_share(u: float, mean: float, spread: float) -> float:
    """An agent's share (of right answers, courtesy): beta, with the team's figure as mean and standard deviation `spread`.

    Beta(mean * k, (1 - mean) * k) with k = mean * (1 - mean) / spread^2 - 1, which must be above 0 (an assumption of the
    model: the beta is the usual distribution of a share between persons).
    """
    if not spread:
        return mean
    from scipy.special import betaincinv

    k = mean * (1 - mean) / spread**2 - 1
    return float(betaincinv(mean * k, (1 - mean) * k, u))


def is_proficient(u: float, share: float) -> bool:
    """Whether an agent is one of the share who are better (or worse) at a skill; `u` is the agent's own for the skill."""
    return u < share


def interpreted_pace(slows: float) -> float:
    """The pace of an agent who does not speak the customer's language and has an interpreter, against that of one who does:
    1 / (1 + slows), as everything is said twice or looked up (an assumption of the model)."""
    return 1 / (1 + slows)


def learned(tenure: float, starts_at: float, half_life: float) -> float:
    """What an agent has, of what is to be had in the end, `tenure` seconds after coming:
    1 - (1 - starts_at) * 2^(-tenure / half_life).

    The exponential learning curve (Mazur and Hastie 1978, "Learning as accumulation: a reexamination of the learning
    curve", Psychological Bulletin 85:1256-1274), by time on the job; for call centers Gans et al. 2010 (see own_speed).
    """
    return 1 - (1 - starts_at) * 2 ** (-tenure / half_life) if half_life else 1.0


def adjusted_share(share: float, gain: float) -> float:
    """A team's share (reach, courtesy) for an agent who differs by `gain`: their sum, kept within 0 and 1."""
    return min(max(share + gain, 0.0), 1.0)


def adjusted_accuracy(accuracy: float, factor: float) -> float:
    """A team's share of right answers for an agent who differs by a factor: their product, 1 at most."""
    return min(accuracy * factor, 1.0)


def is_covered(u: Array, difficulty: Array, share: Array, found: float, easiest: bool) -> Array:
    """Whether a practice (templates, articles …) helps with each case: covered, and found by the agent.

    random: u < share * found; easiest: difficulty < share and u < found. `u` is one number of the case for the
    practice, so what is found for a case is found by everybody. An assumption of the model.
    """
    return (difficulty < share) & (u < found) if easiest else u < share * found


def kept_after(savings: Sequence[float]) -> float:
    """Share of a step's time that several savings leave, each a share of what the others leave: prod(1 - saving)."""
    return prod(1 - saving for saving in savings)


def handling_left(steps: Sequence[float], kept: Sequence[float]) -> float:
    """Share of the handling time that is left when each step keeps a share of its own: sum(step * kept) / sum(step).

    `steps` are the shares of analysis, solution, verification and informing. So a handling time becomes
    base * sum(step * prod(1 - saving)): a work-content model, an assumption of the model.
    """
    return sum(step * left for step, left in zip(steps, kept, strict=True)) / sum(steps)


def gap_closed(share: float, gains: Sequence[float]) -> float:
    """A share (reach, accuracy) when each gain closes a share of what is missing to 1: 1 - (1 - share) * prod(1 - gain).

    Never beyond 1, and in whichever order; an assumption of the model.
    """
    return 1 - (1 - share) * kept_after(gains) if any(gains) else share


def answer_accuracy(handler: float, article: float = 1.0, fatigue: float = 1.0) -> float:
    """Probability that an answer is right: that of the handler, times the share of articles used that are up to date,
    times a factor for fatigue (1: rested). Errors of the three are independent: an assumption of the model."""
    return handler * article * fatigue


def difficulty_factor(difficulty: Number, hardest: Number) -> Number:
    """What the handling of a case is multiplied by for its difficulty, `hardest` being the factor of the hardest one.

    Linear in the difficulty, from 2 - hardest for the easiest case to hardest; its mean over all cases of the topic is 1
    (an assumption of the model: harder cases take longer; that they do so evenly is the simplest form).
    """
    return 1 + (hardest - 1) * (2 * difficulty - 1)


def asks_for_human(u: float, share: float) -> bool:
    """Whether a customer who meets a bot wants a human at once."""
    return u < share


def is_understood(u: float, understanding: float) -> bool:
    """Whether the bot understands what the contact is about; what it does not understand it cannot solve."""
    return u < understanding


def fails_silently(u: float, share: float) -> bool:
    """Whether a customer whose case the bot has not solved leaves believing that it has; the others are handed over."""
    return u < share


def bot_answer_time(at_rest: float, full: float, slows_from: float, others: float, most: int) -> float:
    """Seconds that a bot takes for an answer, when `others` sessions run at the start of this one and `most` may.

    at_rest + (full - at_rest) * max(0, load - slows_from) / (1 - slows_from), with load = others / (most - 1): at rest
    for the only session, full for the one that takes the last place (an assumption of the model: linear above the
    knee, measured once for the whole session).
    """
    load = others / (most - 1) if most > 1 else 0.0
    return at_rest + (full - at_rest) * max(0.0, load - slows_from) / (1 - slows_from)


def session_time(base: float, turns: int, answer: float) -> float:
    """Seconds of a bot's session: what the customer says and reads (`base`), and the bot's time for each answer."""
    return base + turns * answer


def carries_context(u: float, share: float) -> bool:
    """Whether the agent to whom a bot hands over gets what was said."""
    return u < share


def with_story(handling: float, repeats_story: float) -> float:
    """Seconds of handling by the first agent after a bot whose customer has to tell everything once more.

    With context nothing is told again, and a share of the analysis is saved (see handling_left). The telling takes as
    long with a fast agent as with a slow one (an assumption of the model).
    """
    return handling + repeats_story


def pace(throughput: float, chats: int) -> float:
    """Work done per second on each of `chats` conversations that an agent holds at once.

    Processor sharing with slowdown: the agent's total throughput is shared equally.
    """
    return throughput / chats


def between_replies(mean_work: float, turns: float) -> float:
    """Mean seconds of work between two questions to the customer, for `turns` replies in a conversation of mean work.

    between = mean_work / (turns - 1); infinite where one reply is all.
    """
    return mean_work / (turns - 1) if turns > 1 and mean_work > 0 else inf


def reply_work(u: float, rest: float, between: float) -> float:
    """Seconds of attention that the next reply of a conversation takes, of the `rest` of its work (an assumption of
    the model).

    Questions to the customer come up at random while the agent works, and each ends a reply: min(rest, -between * ln u).
    So a conversation of work w has 1 + Poisson(w / between) replies; if w is exponential, they are geometric in number,
    and each is exponential.
    """
    length = -between * log(u) if between < inf else inf
    return min(rest, length)


def with_switching(seconds: float, switching: float, again: bool, last: bool) -> float:
    """Seconds of attention that a reply takes, with the time to get back into a conversation (an assumption of the model).

    It is needed for a conversation to which the agent has replied before (`again`) and which is not the `last` one
    that the agent attended to.
    """
    return seconds + switching if again and not last else seconds


def times_out(think: float, timeout: float) -> bool:
    """Whether a customer who thinks for so long loses the slot."""
    return think > timeout


def resumed(seconds: float, speed_before: float, speed: float) -> float:
    """Seconds that the rest of a conversation takes of the agent who takes it up, at the own speed."""
    return seconds * speed_before / speed


def has_reason(failures: int, after_failures: float) -> bool:
    """Whether so many failed contacts are a reason to complain (infinite: only giving the case up is)."""
    return failures >= after_failures


# -- deferred work --------------------------------------------------------------------------------------


def is_mistaken(u: float, accuracy: float) -> bool:
    """Whether a new contact is filed under a wrong topic, or with a wrong urgency."""
    return u >= accuracy


def misjudged(u: float, urgency: int, most: int) -> int:
    """The wrong urgency (0 to `most`) that a case is filed with: one level more or less, evenly; at an end the one beside
    it (an assumption of the model)."""
    if 0 < urgency < most:
        return urgency + (1 if u < 0.5 else -1)
    return 1 if urgency == 0 else most - 1


def work_in_vain(expected: float, loss: float) -> float:
    """Seconds until a team finds out that a case is not its own: a share of the handling that it had expected."""
    return expected * loss


def part_of_work(work: float, begins: float, ends: float) -> float:
    """Seconds of handling between two shares of it, where `work` seconds would be all: pauses cut the work, and add none."""
    return work * (ends - begins)


def must_wait(u: float, probability: float) -> bool:
    """Whether the work on a contact has to pause for somebody else's answer."""
    return u < probability


def asks_for_news(u: float, probability: float, asked: int, most: int) -> bool:
    """Whether a customer who has `asked` so often will ask (again) where the case is, if it is open for long enough."""
    return u < probability and asked < most


def is_kept_informed(u: float, prevents: float) -> bool:
    """Whether status notices keep a customer from asking; `u` is the case's own for all its questions."""
    return u < prevents


def is_reopened(delay: float, within: float) -> bool:
    """Whether a return `delay` seconds after the answer goes on with the old thread."""
    return delay <= within


# -- the way up -----------------------------------------------------------------------------------------


def asks_for_supervisor(u: float, anger: float, always: float, per_failure: float, complains: float) -> bool:
    """Whether a customer wants to be passed to somebody higher up: u < 1 - (1 - always) * (1 - complains) * (1 - per_failure)^anger.

    `anger` is what is left of the case's failed contacts (see opinion.anger), `complains` the share among those who
    complain (0 for the others). `u` is the case's own for all its contacts: a temper. Failures are independent
    reasons: an assumption of the model.
    """
    return u < 1 - (1 - always) * (1 - complains) * (1 - per_failure) ** anger


def clock_runs_out(queued: float, most: float, due: float, before_due: float) -> float:
    """When the clock of a waiting contact runs out (all in s): min(queued + most, max(queued, due - before_due)).

    `most` is how long it may wait, `due` its deadline; infinite where there is none.
    """
    return min(queued + most, max(queued, due - before_due))


# -- the day as it goes -----------------------------------------------------------------------------------


def stays_on(waiting: int, oldest: float, over: float, wait: float) -> bool:
    """Whether agents stay on after their shift: more than `over` contacts wait, or one has waited longer than `wait` s.

    An assumption of the model: managers look at the queue as it is, not at what is to come.
    """
    return waiting > over or oldest > wait


def calls_in(waiting: int, oldest: float, over: float, each: int, wait: float, coming: int) -> bool:
    """Whether one more agent on call is called in: waiting > over + each * coming, or somebody has waited for `wait` s and
    nobody is on the way.

    The threshold of Yadin & Naor (1963), for one agent after the other.
    """
    return waiting > over + each * coming or (oldest >= wait and not coming)


def goes_home(waiting: int, oldest: float, until: float, wait: float, stayed: float, at_least: float) -> bool:
    """Whether an agent on call who has finished a contact goes home: has stayed for `at_least` s, `until` or fewer wait, and
    nobody has waited for `wait` s."""
    return stayed >= at_least and waiting <= until and oldest < wait


def sent_home(waiting: int, idle: int, stay: int, occupancy: float, below: float) -> int:
    """How many of the `idle` agents are sent home: all but `stay`, if nobody waits and the occupancy is below a share.

    An assumption of the model: managers look at the floor as it is and has been, not at what is to come.
    """
    return max(0, idle - stay) if waiting == 0 and occupancy < below else 0


# -- loops of weeks -------------------------------------------------------------------------------------


def gap_left(left: float, elapsed: float, half_life: float, gain: float = 0.0) -> float:
    """Share of a gap (of wrong answers, or to full courtesy) that is left after another coaching, or training, that closes
    the share `gain` of it.

    left' = (1 - (1 - left) * 2^(-elapsed / half_life)) * (1 - gain): what was learned is forgotten by half in every
    `half_life` (infinite: never), `elapsed` since `left` held (both in s). An assumption of the model.
    """
    if left < 1 and half_life < inf:
        left = 1 - (1 - left) * 2 ** (-elapsed / half_life)
    return left * (1 - gain)


def accuracy_factor(accuracy: float, left: float) -> float:
    """What an agent's share of right answers is multiplied by when a share `left` of the wrong ones is left:
    (1 - (1 - accuracy) * left) / accuracy."""
    return (1 - (1 - accuracy) * left) / accuracy if left < 1 and accuracy else 1.0


def share_gained(share: float, left: float) -> float:
    """What is added to a share (courtesy, reach) when a share `left` of its gap to 1 is left: (1 - share) * (1 - left)."""
    return (1 - share) * (1 - left)


def absence_when_disliked(absence: float, factor: float, disliked: float) -> float:
    """Probability that an agent is absent from a shift of which a share `disliked` lies at hours that it dislikes:
    min(1, absence * (1 + (factor - 1) * disliked)); an assumption of the model."""
    return min(1.0, absence * (1 + (factor - 1) * disliked))


def absence_on_a_day(absence: float, load: float, strength: float) -> float:
    """Probability that an agent is absent on a day with `load` times the usual cases: absence * (1 + strength * (load - 1)),
    within 0 and 1. That absence rises with the workload that is expected: Green, Savin and Savva 2013, "Nursevendor problem":
    personnel staffing in the presence of endogenous absenteeism, Management Science 59:2237-2256; the straight line is an
    assumption of the model, by which the mean over days stays `absence`."""
    return min(1.0, max(0.0, absence * (1 + strength * (load - 1))))


def hours_kept(since: float, until: float, now: float, half_life: float) -> float:
    """What is left now of a session of training from `since` until `until` (all in s): the integral of
    2^(-(now - t) / half_life) over the session, as far as it has gone; all of it where nothing is forgotten (infinite half-life)."""
    until = min(until, now)
    if half_life == inf:
        return max(until - since, 0.0)
    return max(2 ** ((until - now) / half_life) - 2 ** ((since - now) / half_life), 0.0) * half_life / log(2)


def training_left(seconds: float, most: float, scale: float) -> float:
    """Share of a gap that is left after so many seconds of training, which can close the share `most` of it:
    1 - most * (1 - exp(-seconds / scale)).

    Diminishing returns: each hour closes the same share of what is left to close (an assumption of the model, in the form of
    the exponential learning curve of Mazur and Hastie 1978, Psychological Bulletin 85: 1256-1274).
    """
    return 1 - most * (1 - exp(-seconds / scale))


def stale_share(before: float, elapsed: float, life: float) -> float:
    """Share of articles that are out of date: 1 - (1 - before) * exp(-elapsed / life).

    `before` is the share `elapsed` seconds ago; each article goes out of date at rate 1 / life, whatever its age (an
    assumption of the model); `life` infinite: none does.
    """
    return 1 - (1 - before) * exp(-elapsed / life) if life < inf else before
