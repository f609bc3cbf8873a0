"""Which queries a file of rules or a dashboard holds, and where."""

import json

from console.domain.lint_files import MOST_QUERIES, Content, Place, content

DASHBOARD = {
    "title": "Triton",
    "templating": {
        "list": [
            {"name": "model", "type": "query", "query": {"query": "label_values(nv_inference_count, model)"}},
            {"name": "job", "type": "custom", "query": "a,b"},
        ]
    },
    "annotations": {"list": [{"name": "restarts", "expr": "resets(nv_inference_count[5m])"}]},
    "panels": [
        {"title": "Text", "options": {"content": "no query"}},
        {
            "title": "Queue",
            "targets": [
                {"refId": "A", "expr": 'rate(nv_inference_count{model="$model"}[5m])'},
                {"refId": "B", "expr": 'rate(nv_inference_count{model="$model"}[5m])'},
                {"refId": "C", "expr": ""},
            ],
        },
        {"title": "Row", "panels": [{"title": "Inner", "targets": [{"refId": "A", "expr": "up"}]}]},
    ],
}


def of(document: object, text: str = "") -> Content:
    return content([Place(document, text)])


def test_a_dashboard_asks_in_panels_rows_annotations_and_variables() -> None:
    text = json.dumps(DASHBOARD, indent=1)
    found = of(DASHBOARD, text)
    assert [(query.owner, query.text.partition("(")[0]) for query in found.queries] == [
        ('variable "model"', "label_values"),
        ('annotation "restarts"', "resets"),
        ('panel "Queue", query A', "rate"),
        ('panel "Queue", query B', "rate"),
        ('panel "Inner", query A', "up"),
    ]
    assert found.queries[2].path == "panels[1].targets[0].expr"
    lines = text.splitlines()
    for query in found.queries[:4]:
        assert query.line is not None
        assert json.dumps(query.text) in lines[query.line - 1]
    assert found.queries[2].line != found.queries[3].line


def test_rules_say_their_group_their_place_and_what_they_record() -> None:
    text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n      == 0\n  - record: r:x\n    expr: up\n"
    groups = {
        "groups": [
            {"name": "g", "rules": [{"alert": "A", "expr": "up\n== 0\n"}, {"record": "r:x", "expr": "up"}]}
        ]
    }
    found = of(groups, text)
    assert [(q.owner, q.path, q.line) for q in found.queries] == [
        ("alert A in group g", "groups[0].rules[0].expr", 6),
        ("record r:x in group g", "groups[0].rules[1].expr", 9),
    ]
    assert found.recorded == {"r:x"}


def test_a_prometheus_rule_of_kubernetes_is_read_as_rules() -> None:
    found = of({"kind": "PrometheusRule", "spec": {"groups": [{"rules": [{"alert": "A", "expr": 1}]}]}})
    assert [(q.text, q.owner) for q in found.queries] == [("1", "alert A in group 0")]


def test_what_is_neither_is_not_known() -> None:
    for document in (None, [], {}, "text", 3, {"groups": 3}, {"a": {"b": [1]}}):
        assert not of(document).known
    assert of({"groups": []}).known


def test_odd_rules_are_passed_over() -> None:
    odd = {"groups": [None, {"rules": 3}, {"rules": [None, 1, {"alert": "no expr"}, {"expr": ["x"]}]}]}
    assert [q.owner for q in of(odd).queries] == ["record ? in group 2"]


def test_a_file_without_end_has_an_end() -> None:
    deep: object = {"expr": "up"}
    for _ in range(500):
        deep = {"panels": [deep]}
    assert not of(deep).queries
    assert len(of({"groups": [{"rules": [{"expr": "up"}] * (MOST_QUERIES + 5)}]}).queries) == MOST_QUERIES
