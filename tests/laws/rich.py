"""One valid scenario that says nearly everything that a scenario can say, as text and as a dictionary."""

from __future__ import annotations

from simulation.scenario.marks import Mark
from simulation.scenario.reader import parse
from simulation.scenario.tree import plain
from tests.laws.strategies import Data, csv_file, moment

FILE = csv_file(["time", "topic", "handling"], [[moment(60 * n), "billing", 30] for n in range(50)])
TEXT = f"""\
name: rich
calendar: {{start: 2026-03-02, time_zone: Europe/Riga, holidays: {{2026-03-03: a day of rest}}}}
horizon: 2 d
warm_up: 1 h
run_out: 1 h
replications: 2
demand:
  busyness: {{cv: 10 %, lag1: 0.5}}
  profiles:
    office: {{interval: 60 min, weights: {{mon-fri: [0,0,0,0,0,0,0,1,3,5,6,6,5,5,5,5,4,3,2,1,1,0,0,0]}}}}
  sources:
    all:
      topics: {{billing: 60 %, tech: 40 %}}
      channels: {{phone: 50 %, chat: 20 %, email: 20 %, messenger: 10 %}}
      volume: 300/day
      profile: office
      weekdays: {{sat: x 0.5}}
      holidays: 50 %
      time_zone: Europe/London
      intraday: {{cv: 20 %, interval: 30 min}}
      segments: {{young: 70 %, old: 30 %}}
    log: {{channel: email, replay: {{file: {FILE}, time: time, topic: topic, handling: handling, unit: 1 s}}}}
  events:
    outage: {{starts: 2026-03-02 10:00, lasts: 1 h, topics: {{tech: x 12}}, notice: {{after: 10 min, prevents: 40 %}}}}
    bot_outage: {{starts: 2026-03-02 12:00, lasts: 30 min, bots: [helper]}}
self_service:
  knowledge_base: {{looks: 40 %, findability: 80 %, reading: {{lognormal: {{mean: 4 min, cv: 1}}}}}}
  community: {{asks: 30 %, answers: 70 %, after: {{exponential: {{mean: 2 h}}}}, accuracy: 80 %, patience: {{constant: {{value: 4 h}}}}}}
customers:
  young: {{share: 40 %, channels: {{chat: 70 %, phone: 20 %, email: 10 %}}, patience: 0.8, expects: 0.5, churn: {{unsatisfied: 12 %}}, value: 60 EUR}}
  old: {{share: 60 %}}
channels:
  phone:
    mode: live
    open: {{mon-fri: "07:00-20:00", holidays: closed}}
    patience: {{exponential: {{mean: 3 min}}}}
    trunks: 20
    redial: {{probability: 40 %, after: {{exponential: {{mean: 10 min}}}}, most: 3, patience: kept, channels: {{chat: 20 %}}}}
    at_close: disconnect
    announces: {{predictor: queue_length, above: 5 s, margin: x 1.1, rounding: 1 s, leeway: 10 %, patience: x 1.5}}
    balking: {{tolerance: {{exponential: {{mean: 6 min}}}}}}
    callback: {{above: 90 s, accepts: 50 %, place: behind, reserve: 1, earliest: 1 min, promised: 1 h, reached: 70 %, dialling: 20 s, attempts: 3, retry_after: 20 min}}
    instead: {{chat: {{when_closed: 40 %, when_wait_above: 5 min, share: 30 %}}}}
  chat: {{mode: concurrent, patience: {{mixture: {{parts: {{short: {{weight: 20 %, constant: {{value: 5 s}}}}, long: {{weight: 80 %, exponential: {{mean: 4 min}}}}}}}}}}, bot: helper, balking: {{probability: 10 %}}}}
  messenger: {{mode: concurrent, turns: {{mean: 4}}, think: {{exponential: {{mean: 1 min}}}}, idle_timeout: 2 min, walks_off: 2 %, catch_up: 20 s}}
  email:
    mode: deferred
    open: {{mon-fri: "08:00-18:00"}}
    deadline: {{low: 8 h, high: 4 h}}
    deadline_clock: opening_hours
    solution_deadline: {{low: 24 h, high: 8 h}}
    acknowledgement: {{after: 1 min}}
    chasers: {{after: {{exponential: {{mean: 3 h}}}}, probability: 80 %, channel: phone, handling: {{constant: {{value: 90 s}}}}, most: 2}}
    status_notices: {{prevents: 20 %, cost: 0.01 EUR}}
    reopening: {{within: 1 d}}
intake:
  channels: [email]
  registration: {{exponential: {{mean: 5 min}}}}
  topic_accuracy: 70 %
  urgency_accuracy: 80 %
  confusions: {{tech: {{billing: 100 %}}}}
  loss: 30 %
bots:
  helper:
    sessions: 5
    session: {{exponential: {{mean: 2 min}}}}
    latency: {{at_rest: 1 s, full: 8 s, turns: 6, slows_from: 50 %}}
    understanding: {{billing: 85 %, any: 70 %}}
    asks_for_human: 10 %
    silent_failure: 20 %
    returns: {{probability: 80 %, after: {{exponential: {{mean: 2 h}}}}, most: 2, asks_for_human: 50 %, channels: {{phone: 40 %}}}}
    hand_over: {{context: 80 %, saves: 20 %, repeats_story: 30 s}}
    cost: 0.05 EUR
    cost_per_minute: 0.01 EUR
topics:
  billing:
    handling: {{any: {{lognormal: {{mean: 5 min, cv: 0.8}}, at_most: 1 h}}}}
    wrap_up: {{phone: {{constant: {{value: 30 s}}}}}}
    hardest_takes: x 1.3
    article: {{coverage: 90 %, stale: 20 %}}
    reach: {{knowledge_base: 40 %, community: 20 %, helper: 30 %, tier1: 85 %}}
    urgency: {{low: 50 %, high: 50 %}}
    pauses:
      customer: {{probability: 30 %, lasts: {{exponential: {{mean: 4 h}}}}, after: 40 %, resume: {{constant: {{value: 1 min}}}}, stops_deadline: true, channels: email}}
      third_party: {{probability: 30 %, lasts: {{exponential: {{mean: 6 h}}}}, stops_deadline: true}}
  tech:
    handling: {{phone: {{gamma: {{mean: 8 min, cv: 0.8}}}}, any: {{empirical: {{values: [5 min, 10 min]}}}}}}
    reach: {{tier1: 70 %, tier2: 98 %}}
    steps: {{solution: 80 %, informing: 20 %}}
    repeat: {{probability: 80 %, after: {{exponential: {{mean: 4 h}}}}, most: 2, channels: {{phone: 30 %}}}}
handling_steps: {{analysis: 25 %, solution: 50 %, verification: 10 %, informing: 15 %}}
practices:
  templates: {{covers: {{billing: 60 %, any: 20 %}}, which: easiest, saves: {{informing: 50 %}}, cost: {{per_day: 20 EUR}}}}
  crm: {{contacts: repeats, teams: [front], saves: {{analysis: 40 %, wrap_up: 20 %}}, cost: {{per_agent_hour: 1 EUR}}}}
  knowledge: {{topics: tech, channels: [phone, chat], covers: 70 %, found: 90 %, saves: {{solution: 20 %}}, reach: 30 %, accuracy: 40 %, stale: 2 %, cost: {{per_use: 0.1 EUR}}}}
strain:
  fatigue: {{teams: [front, writers], builds: 6 h, recovers: 1 h, rests: 20 min, slows: 10 %, errs: 5 %}}
  turnover:
    per_year: x 500
    teams: [front]
    hire_after: {{exponential: {{mean: 1 h}}}}
    training: 1 h
    occupancy: {{normal: 75 %, factor: x 1.3, memory: 2 weeks}}
    nights: {{factor: x 1.5, start: "22:00", end: "06:00"}}
    cost: 1500 EUR
teams:
  front:
    skills: {{calls: {{channels: phone}}, mail: {{channels: email, topics: [billing], priority: 2, reserve: 1}}}}
    shifts:
      early: {{days: mon-fri, start: "07:00", end: "15:00", headcount: 4, breaks: {{lunch: {{after: 4 h, lasts: 30 min, paid: false}}}}, waves: 3}}
      late: {{days: daily, start: "13:00", end: "21:00", headcount: 3, on_holidays: false}}
      part_time: {{days: mon, start: "08:00", end: "10:45", headcount: 1}}
    rotations:
      weekend: {{pattern: [duty, duty, "off"], crews: 3, per_crew: 1, shifts: {{duty: {{start: "12:00", end: "18:00"}}}}}}
    meetings: {{team: {{days: daily, at: "14:10", lasts: 20 min, waves: 2}}}}
    training_hours: {{each: 2 h, per: week, session: 30 min}}
    adherence: {{share: 94 %}}
    shrinkage: 8 %
    absence: 5 %
    absence_spells: 3 d
    wage: 15 EUR/h
    accuracy: 95 %
    overtime: {{over: 0, wait: 20 min, most: 90 min, every: 10 min, agents: 2, channels: [phone, email], premium: 50 %}}
    nights: {{dislike: 60 %, hours: {{mon-fri: "17:00-22:00", sat-sun: open}}, absence: 2}}
    time_off: {{idle: 3, occupancy: 50 %, every: 20 min, lasts: 2 h, at_least: 1 h, agents: 2, keep: 2, channels: phone, paid: 20 %}}
    on_call: {{agents: 2, hours: {{mon-fri: "10:50-20:00"}}, over: 2, each: 2, wait: 10 min, delay: {{exponential: {{mean: 8 min}}}}, at_least: 20 min, until: 1, channels: [phone, email], standby: 20 %, premium: 25 %}}
    people: {{speed_spread: 15 %, accuracy_spread: 2 %, courtesy_spread: 5 %, proficiency: {{mail: {{share: 40 %, speed: 120 %, reach: 20 %}}}}, tenure: {{exponential: {{mean: 90 d}}}}, learning: {{speed: {{starts_at: 70 %, half_life: 30 d}}}}, plan: {{handling_time: 7 min, right: 80 %, least: 5}}}}
  chatters:
    skills: {{chats: {{channels: chat, handling: {{exponential: {{mean: 6 min}}}}}}, mail: {{channels: email, topics: tech, priority: 2}}}}
    concurrency: {{slots: 3, throughput: [1, 1.6, 2.0]}}
    headcount: {{interval: 12 h, weekly: {{daily: [1, 2]}}}}
    wage: 15 EUR/h
    speed: 1.1
    site: abroad
    employer: helpers
  writers:
    site: home
    wage: 14 EUR/h
    skills: {{messages: {{channels: messenger}}}}
    concurrency: {{slots: 2}}
    headcount: {{constant: 1}}
  experts: {{tier: tier2, skills: {{all: {{}}}}, headcount: {{constant: 2}}}}
sites:
  home: {{cost: {{per_day: 40 EUR, per_agent_hour: 0.5 EUR}}}}
  abroad: {{time_zone: Asia/Kolkata, wages: 40 %, notes: by the sea}}
employers:
  helpers:
    pay: {{per_hour: 9 EUR/h, hours: paid, premiums: true, per_contact: 1 EUR, per_minute: 0.1 EUR, per_resolution: 2 EUR, resolution: claimed, per_month: 300 EUR, minimum: 9000 EUR}}
    notes: on a contract of a year
routing:
  discipline: score
  agent: least_busy
  score: {{age: 1.0, deadline: 0.5, urgency: {{high: 2}}}}
  sticky: {{wait: 1 min, channels: [phone, email], saves: {{analysis: 30 %}}}}
  routes:
    chats: {{channels: [chat], teams: {{chatters: 0 s, front: 2 min}}}}
escalation:
  path: [tier1, tier2]
  recognition: 90 %
  patience: {{tier2: {{exponential: {{mean: 10 min}}}}}}
  angry: {{always: 2 %, per_failure: 30 %, complaints: 20 %}}
  overdue: {{after: {{high: 10 min}}, before_due: 1 h, to: tier2}}
loops:
  review: {{team: experts, share: 20 %, per_week: 3, takes: {{exponential: {{mean: 5 min}}}}, finds: 90 %, coaching: {{takes: {{constant: {{value: 10 min}}}}, accuracy: 10 %, courtesy: 5 %, fades: 60 d}}}}
  training: {{before: 10 h, kinds: {{product: {{share: 60 %, accuracy: 40 %, topics: [tech]}}, soft_skills: {{share: 40 %, courtesy: 30 %}}}}}}
  articles: {{team: experts, takes: {{exponential: {{mean: 1 h}}}}, after: 5, practice: knowledge, coverage: 20 %, stale_after: 10 d, counts: {{gave_up: 0.5}}}}
opinion:
  expected: {{phone: 60 s, chat: 60 s, email: 4 h}}
  courtesy: 2
  anger: 0.5
  anger_half_life: 1 d
  stars: [-3, -1, 2]
  recommend: {{zero: 5, slope: 1.2}}
  effort: {{contact: 1, wait: 0.3}}
  churn: {{satisfied: 1 %, unsatisfied: 8 %}}
  value: 80 EUR
survey: {{asked: 80 %, answers: {{satisfied: 40 %, unsatisfied: 60 %}}, channels: [phone, chat, email]}}
complaints: {{topic: billing, channel: email, probability: 60 %, after_failures: 1, after: {{exponential: {{mean: 1 h}}}}, urgency: high}}
cost:
  premiums: {{night: {{share: 50 %, start: "22:00", end: "06:00"}}}}
  channels: {{phone: {{per_minute: 0.02 EUR}}}}
  training: 6 EUR/h
targets:
  sl: 'service_level(20s){{channel=phone}} >= 80 %'
  frt: first_response_time.mean <= 15 min
  csat: csat >= 80 %
  price: cost_per_contact{{weekday=mon}} <= 5 EUR
"""


def _as_dict() -> Data:
    tree, findings = parse(TEXT, lambda line, column: Mark("rich.yaml", line, column))
    assert tree is not None and not findings
    return dict(plain(tree))


RICH = _as_dict()
