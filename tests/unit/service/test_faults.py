"""What is wrong with ``config/service.py`` is told with its file and line, the wrong value, and what is allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import ConfigError
from tapgen.service.load import load_service

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.service import Model

HEAD = """from tapgen.service import Calls, Service, cron, every, existing
service = Service("shop")
orders = service.table("orders", partition_key="customer", sort_key="order", indexes={"by-status": "status"})
jobs = service.queue("jobs")
strict = service.queue("strict", fifo=True)
news = service.topic("news")
"""
LINE = HEAD.count("\n") + 1
# A line of service.py → what has to be told of it, as regular expressions.
FAULTS = {
    "unknown verb": ("service.function('api').may(orders.putt)", "table orders has no 'putt'; did you mean 'put'?"),
    "verb that is none": ("service.function('api').may(orders)", "not a verb; a verb is what a part offers"),
    "verb without its call": ("service.function('api').may(orders.query)", r"may\(query\): not a verb"),
    "unknown index": ("orders.query('by-stat')", "no index 'by-stat'; its indexes: by-status"),
    "key type": ("service.table('a', partition_key='id:X')", "key 'id:X': the type after the colon is S, N or B"),
    "too many keys": ("service.table('a', partition_key='id', indexes={'i': ('a', 'b', 'c')})", "index 'i'.*3 were"),
    "unknown setting": (
        "service.table('a', partition_key='id', ttl_atribute='x')",
        "table a has no setting 'ttl_atribute'; did you mean 'ttl_attribute'",
    ),
    "setting of another kind": ("service.queue('a', memory_mb=1)", "queue a has no setting 'memory_mb'; its settings"),
    "function's setting": ("service.function('a', memory=128)", "function a has no setting 'memory'; did you mean"),
    "name too long": (f"service.queue('{'a' * 33}')", "a name is lower-case words.*32 characters"),
    "name with capitals": ("service.bucket('Files')", "bucket 'Files': a name is lower-case words"),
    "defined twice": ("service.queue('jobs')", r"queue jobs is defined twice, first in .*service\.py:4"),
    "function twice": ("service.function('a'); service.function('a')", "function 'a' is defined twice"),
    "reserved function": ("service.function('hooks')", "function 'hooks': the name is taken"),
    "reserved bucket": ("service.bucket('access-logs')", "bucket 'access-logs': the name is taken"),
    "logical id taken": ("service.queue('b', logical_id='JobsQueue')", "has the logical id JobsQueue of queue jobs"),
    "no route": ("service.function('a').route('FETCH /x')", "route 'FETCH /x': write METHOD /path"),
    "route twice": (
        "a = service.function('a'); a.route('GET /x/{id}'); a.route('GET /x/{name}')",
        r"route 'GET /x/\{name\}' is there already",
    ),
    "runtime": ("service.function('a', runtime='python3.31')", "no runtime 'python3.31'; did you mean 'python3"),
    "runtime without build": ("service.function('a', runtime='nodejs22.x')", "nodejs22.x needs build="),
    "event source": ("service.function('a', on=jobs)", "an event source is what a part offers"),
    "batch of a FIFO queue": ("strict.messages(batch=11)", "batch=11: a whole number from 1 to 10 is allowed"),
    "window of a FIFO queue": ("strict.messages(window_s=1)", "window_s=1: a FIFO queue has no batching window"),
    "batch without window": ("jobs.messages(batch=11)", "batch=11: above 10 messages Lambda wants window_s="),
    "concurrency": ("jobs.messages(maximum_concurrency=1)", "maximum_concurrency=1: .* from 2 to 1,000"),
    "receives": ("service.queue('a', dead_letter_after=0)", "dead_letter_after=0: SQS allows 1 to 1000"),
    "stream's failures": ("orders.changes(on_failure=orders)", "on_failure=table orders: a queue or a topic"),
    "stream's batch": ("orders.changes(batch=10001)", "batch=10001: .* from 1 to 10,000"),
    "stream's start": ("orders.changes(starting_position='NOW')", "starting_position='NOW': TRIM_HORIZON and LATEST"),
    "rule's attempts": ("service.rule('r', pattern={'source': ['x']}).events(retries=186)", "retries=186: .* to 185"),
    "empty pattern": ("service.rule('r', pattern={})", "rule 'r': an empty pattern fits no event"),
    "fields of cron": ("cron('0 8 * * *')", "takes six fields"),
    "value of cron": ("cron('61 8 * * ? *')", "'61' is no minute; 0 to 59 are allowed"),
    "days of cron": ("cron('0 8 1 * MON *')", "one of day and weekday has to be"),
    "interval": ("every('day')", r"every\('day'\): write a number and minutes, hours or days"),
    "time of the day": ("every('1 hour', at='02:00')", "at= goes with '1 day'"),
    "time zone": ("every('1 day', timezone='Europe/Berlyn')", "timezone='Europe/Berlyn': no time zone"),
    "loop": ("service.function('a', on=jobs.messages()).may(jobs.send)", "a loop: function a may send queue jobs"),
    "destination": ("service.function('a', calls=Calls(on_failure=orders))", "table orders is no destination"),
    "attempts of calls": ("service.function('a', calls=Calls(retries=3))", "retries=3; Lambda allows 0 to 2"),
    "variable": ("service.function('a', variables={'1X': 'y'})", "variable '1X': Lambda takes letters"),
    "ARN of another service": ("existing.table('arn:aws:sqs:eu-west-1:123456789012:x')", "is no ARN of dynamodb"),
    "alias of a key": (
        "existing.key('arn:aws:kms:eu-west-1:123456789012:alias/x')",
        "alias/x' is no ARN of a KMS key: .*; an alias names none in a policy",
    ),
    "key that is none": ("service.queue('a', key='mine')", "'mine' is no ARN of a KMS key"),
    "network": ("existing.vpc(subnets=['net-1'], security_groups=['sg-1'])", "'net-1' is no id of a subnet"),
    "stack": ("service.resource('queues', object())", r"resource\('queues', …\): the stacks are security, data"),
    "resource": ("service.resource('data', 'x')", "the second argument is a troposphere resource"),
    "journey": ("service.function('a').tried_by('x')", r"tried_by\('x'\): not a Journey"),
    "log of a query": ("service.query('q', 'x', logs=['nobody'])", "query 'q' reads 'nobody'; the logs are access"),
    "argument": ("service.queue()", r"TypeError: queue\(\) missing 1 required positional argument: 'name'"),
    "import": ("import no_such_module_here", "ModuleNotFoundError: No module named 'no_such_module_here'"),
    "syntax": ("service.queue('a'", r"no Python: '\(' was never closed"),
    "no service": ("service = 1", "there is no variable 'service' = Service"),
}


def _load(folder: Path, text: str) -> Model:
    (folder / "config").mkdir()
    (folder / "config" / "service.py").write_text(text, encoding="utf-8")
    return load_service(folder / "config")


@pytest.mark.parametrize("kind", FAULTS)
def test_each_kind_of_fault_is_told_with_its_line(tmp_path: Path, kind: str) -> None:
    """File and line of the user's own statement, what is wrong there, and nothing else."""
    line, told = FAULTS[kind]
    place = 1 if kind == "no service" else LINE

    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, f"{HEAD}{line}\n")

    faults = caught.value.why.splitlines()
    assert len(faults) == 1, faults
    assert re.fullmatch(rf".*config/service\.py:{place}: .*{told}.*", faults[0]), faults[0]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """In the order of their lines, and what stopped the file last."""
    text = f"{HEAD}strict.messages(batch=11)\nservice.bucket('Files')\nevery('day')\nservice.nothing()\n"

    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, text)

    lines = [int(re.findall(r"service\.py:(\d+)", fault)[0]) for fault in caught.value.why.splitlines()]
    assert lines == [LINE, LINE + 1, LINE + 2, LINE + 3]
    assert caught.value.what == "service.py has 4 faults"


def test_a_function_without_code_is_told_when_the_service_is_read(tmp_path: Path) -> None:
    """With the folder that was likely meant; an image needs none."""
    (tmp_path / "handlers" / "worker").mkdir(parents=True)

    with pytest.raises(ConfigError, match="handlers/werker does not exist; did you mean 'worker'") as caught:
        _load(tmp_path, f"{HEAD}service.function('a', image='uri')\nservice.function('werker')\n")

    assert f"service.py:{LINE + 1}: " in caught.value.why


def test_loops_through_others_and_topics_are_told_once(tmp_path: Path) -> None:
    """A function that writes what invokes another one that writes what invokes the first; the topic's queue counts."""
    text = (
        "told = service.queue('told')\nechoes = service.topic('echoes', queues=[told])\n"
        "service.function('one', on=jobs.messages()).may(echoes.publish)\n"
        "service.function('two', on=told.messages()).may(jobs.send)\n"
    )

    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, HEAD + text)

    (fault,) = caught.value.why.splitlines()
    assert f"service.py:{LINE + 2}: a loop: function one may publish topic echoes, which invokes two" in fault


def test_a_filter_ends_a_loop(tmp_path: Path) -> None:
    """A source that does not take everything may feed its own function."""
    text = "service.function('a', on=orders.changes(filters=('{}',))).may(orders.put)\n"

    assert [function.name for function in _load(tmp_path, HEAD + text).functions] == ["a"]
