"""A runbook that is good, and every way to spoil it: the old text, the new, the line and the sentence."""

GOOD = """\
title = "Ours"
[[points]]
id = "queue"
text = "Queue"
checks = "queue_up"
[[steps]]
id = "page"
question = "Is it?"
checks = ["promise_broken"]
yes = "freeze"
unknown = "freeze"
[[steps]]
id = "freeze"
question = "Frozen?"
act = ["freeze"]
next = "queue"
[[steps]]
id = "queue"
question = "Queue?"
checks = ["not queue_up", { promql = "up{m='{model}'}", above = 5 }]
every = true
yes = { verdict = "*", otherwise = "queue" }
no = { verdict = "other" }
unknown = { verdict = "unknown" }
[[mitigations]]
id = "freeze"
text = "Freeze"
why = "Calm"
action = "freeze"
[[mitigations]]
id = "tune"
text = "Tune"
why = "More"
for = ["queue", "*"]
action = "tune"
values = { instances = "+1", queue_size = 4 }
[[mitigations]]
id = "less"
text = "Less"
why = "Less"
for = ["queue"]
action = "reduce"
percent = 25
[recovery]
question = "Over?"
checks = "not queue_up"
"""

WRONG = {
    "a mistyped key": ("title =", "titel =", 1, "titel: unknown key; did you mean title?"),
    "a mistyped key of a step": (
        "every = true",
        "evry = true",
        21,
        "steps[3].evry: unknown key; did you mean every?",
    ),
    "no title": ('title = "Ours"\n', "", None, 'title: is missing; write title = "p99 is over its promise"'),
    "a title that is none": ('"Ours"', "5", 1, "title: must be text, not 5"),
    "a long title": ('"Ours"', f'"{"x" * 121}"', 1, "title: is longer than 120 characters"),
    "a wrong type": ("every = true", "every = 1", 21, "steps[3].every: must be true or false, not 1"),
    "a rank that is none": (
        'title = "Ours"',
        'title = "Ours"\nrank = -1',
        2,
        "rank: must be between 0 and 10000, not -1",
    ),
    "an alert that is none": (
        'title = "Ours"',
        'title = "Ours"\nalerts = ["A B"]',
        2,
        'alerts[1]: is no id of an alert: "A B"',
    ),
    "no id": (
        'id = "page"\n',
        "",
        6,
        'steps[1].id: is missing; write id = "NAME", which no other one here has',
    ),
    "an id that is none": (
        'id = "tune"',
        'id = "Tune!"',
        31,
        'mitigations[2].id: must be lower-case letters, digits, dashes and underscores, not "Tune!"',
    ),
    "two steps of one name": (
        'id = "freeze"\nquestion',
        'id = "page"\nquestion',
        13,
        'steps[2].id: there is another "page"',
    ),
    "two points of one name": (
        "[[points]]",
        '[[points]]\nid = "queue"\ntext = "One"\n[[points]]',
        6,
        'points[2].id: there is another "queue"',
    ),
    "no question": (
        'question = "Is it?"\n',
        "",
        6,
        'steps[1].question: is missing; write question = "Is the queue time up?"',
    ),
    "a way to nowhere": (
        'yes = "freeze"',
        'yes = "freez"',
        10,
        'steps[1].yes: there is no step "freez"; did you mean freeze?',
    ),
    "a next to nowhere": (
        'next = "queue"',
        'next = "x"',
        16,
        'steps[2].next: there is no step "x"; known are page, freeze, queue',
    ),
    "a circle": (
        'no = { verdict = "other" }',
        'no = "freeze"',
        12,
        "steps[2]: leads back to itself: freeze → queue → freeze",
    ),
    "a step that leads to itself": (
        'no = { verdict = "other" }',
        'no = "queue"',
        17,
        "leads back to itself: queue → queue",
    ),
    "a step that nothing leads to": (
        'next = "queue"',
        'yes = { verdict = "a" }\nno = { verdict = "a" }\nunknown = { verdict = "a" }',
        19,
        'steps[3]: no answer leads to step "queue"',
    ),
    "no way": (
        'no = { verdict = "other" }\n',
        "",
        17,
        'steps[3].no: is missing; write the id of a step, or { verdict = "…" }',
    ),
    "a way that is none": (
        'no = { verdict = "other" }',
        "no = 3",
        23,
        'steps[3].no: must be the id of a step, or { verdict = "…" }, not 3',
    ),
    "next beside yes": (
        'next = "queue"',
        'next = "queue"\nyes = "queue"',
        17,
        "steps[2].yes: stands beside next",
    ),
    "a gate that does not end": (
        'yes = "freeze"',
        'no = "freeze"\nyes = "freeze"',
        10,
        "steps[1].no: the first step tells",
    ),
    "a gate that lets all in": (
        'yes = "freeze"\nunknown = "freeze"',
        'next = "freeze"',
        10,
        "steps[1].next: the first step tells",
    ),
    "a mistyped check": (
        '"promise_broken"',
        '"promise_brokn"',
        9,
        'steps[1].checks[1]: there is no check "promise_brokn"; did you mean promise_broken?',
    ),
    "a check unlike any": (
        '"promise_broken"',
        '"zzz"',
        9,
        'steps[1].checks[1]: there is no check "zzz"; known are captured, promise_broken, queue_up',
    ),
    "a check twice": (
        '["promise_broken"]',
        '["queue_up", "queue_up"]',
        9,
        "steps[1].checks[2]: queue_up is listed twice",
    ),
    "a check that is none": (
        '["promise_broken"]',
        "[7]",
        9,
        'steps[1].checks[1]: must be the name of a check or { promql = "…", above = NUMBER }, not 7',
    ),
    "no threshold": (", above = 5", "", 20, "steps[3].checks[2]: needs above = or below = NUMBER"),
    "two thresholds": (
        "above = 5",
        "above = 5, below = 1",
        20,
        "steps[3].checks[2]: has both above and below: keep one",
    ),
    "a threshold that is none": (
        "above = 5",
        'above = "5"',
        20,
        'steps[3].checks[2].above: must be a number, not "5"',
    ),
    "a threshold without end": (
        "above = 5",
        "above = inf",
        20,
        "steps[3].checks[2].above: must be a number, not inf",
    ),
    "an empty query": ("up{m='{model}'}", " ", 20, "steps[3].checks[2].promql: must be text"),
    "no query": ("promql = \"up{m='{model}'}\", ", "", 20, "steps[3].checks[2].promql: is missing"),
    "a query that takes a check's name": (
        "{ promql",
        '{ name = "queue_up", promql',
        20,
        'steps[3].checks[2].name: is a check of the console: "queue_up"',
    ),
    "a mistyped key of a query": (
        "above = 5",
        "above = 5, belw = 1",
        20,
        "steps[3].checks[2].belw: unknown key; did you mean below?",
    ),
    "no verdict": ('{ verdict = "other" }', "{ }", 23, "steps[3].no.verdict: is missing"),
    "a verdict that is none": (
        '"other"',
        '"Other one"',
        23,
        'steps[3].no.verdict: is no name of a verdict: "Other one"',
    ),
    "a star that no finding names": ('"other"', '"*"', 23, 'steps[3].no.verdict: "*" is what a yes names'),
    "an otherwise too much": (
        'verdict = "other"',
        'verdict = "other", otherwise = "x"',
        23,
        "steps[3].no.otherwise: is for verdict",
    ),
    "an act that is none": (
        'act = ["freeze"]',
        'act = ["freeze", "freez"]',
        15,
        'steps[2].act: there is no mitigation "freez"; did you mean freeze?',
    ),
    "a mitigation for nothing": ('for = ["queue"]\n', "", 37, "mitigations[3]: nothing recommends it"),
    "a mitigation for none": (
        'for = ["queue"]',
        'for = ["none"]',
        41,
        "mitigations[3].for[1]: none is the verdict",
    ),
    "an unknown action": ('action = "freeze"', 'action = "freez"', 29, "; did you mean freeze?"),
    "an action that follows a plan": (
        'action = "freeze"',
        'action = "undo"',
        29,
        "mitigations[1].action: must be freeze or",
    ),
    "no share": ("percent = 25\n", "", 37, "mitigations[3].percent: is missing; write percent = 50"),
    "a share over all": (
        "percent = 25",
        "percent = 101",
        43,
        "mitigations[3].percent: must be between 0 and 100 percent, not 101",
    ),
    "a share of a freeze": (
        'action = "freeze"',
        'action = "freeze"\npercent = 5',
        30,
        'mitigations[1].percent: belongs to action = "reduce"',
    ),
    "nothing to tune": (
        'values = { instances = "+1", queue_size = 4 }\n',
        "",
        30,
        "mitigations[2].values: are missing",
    ),
    "an unknown knob": (
        "instances =",
        "instance =",
        36,
        "mitigations[2].values.instance: unknown key; did you mean instances?",
    ),
    "a change that is none": (
        '"+1"',
        '"50%"',
        36,
        "mitigations[2].values.instances: must be a number such as 4, or a change",
    ),
    "values of a freeze": (
        'action = "freeze"',
        'action = "freeze"\nvalues = { instances = 1 }',
        30,
        'mitigations[1].values: belong to action = "tune"',
    ),
    "a culprit that no check names": (
        'action = "freeze"',
        'action = "freeze"\nculprit = "captred"',
        30,
        'mitigations[1].culprit: there is no check "captred"; did you mean captured?',
    ),
}
