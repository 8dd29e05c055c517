"""Whom sales should call: follows the signal HOT, and prints each person once it is set, and when it ends.

pip install confluent-kafka
python hot_recipients.py 127.0.0.1:9092
"""
import json
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

SIGNALS = "sms.decision.recipient-signal"
SUPPRESSIONS = "sms.decision.suppression"


class HotRecipients:
    """Compacted topics are tables: the newest record of each key holds, by its seq."""

    def __init__(self, servers):
        self.consumer = Consumer({
            "bootstrap.servers": servers,
            "group.id": "unused",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        })
        self.consumer.assign([
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in (SIGNALS, SUPPRESSIONS)
            for partition in self.consumer.list_topics(topic, 10).topics[topic].partitions
        ])
        self.newest = {}  # (topic, key): record
        self.hot = {}  # recipient: record
        self.stopped = set()  # recipients who want to hear nothing, by scope *

    def poll(self, seconds):
        """The recipients whose record has changed."""
        changed = set()
        for message in self.consumer.consume(1000, seconds):
            if message.error() or message.value() is None:
                continue
            record = json.loads(message.value())
            if self.take((message.topic(), message.key()), record):
                changed.add(record["recipient_id"])
        return changed

    def take(self, key, record):
        # SUPPRESSED is applied whatever its seq; of all else a lower one is ignored.
        older = key in self.newest and record["seq"] < self.newest[key]["seq"]
        if older and record["state"] != "SUPPRESSED":
            return False
        self.newest[key] = record
        recipient = record["recipient_id"]
        if key[0] == SUPPRESSIONS:
            if record["scope"] == "*":
                (self.stopped.add if record["state"] == "SUPPRESSED" else self.stopped.discard)(recipient)
        elif record["signal"] == "HOT":
            if record["state"] == "SET":
                self.hot[recipient] = record
            else:
                self.hot.pop(recipient, None)
        return True

    def to_call(self, recipient):
        """The signal of a person who may be called now, or None."""
        record = self.hot.get(recipient)
        valid = record and (record.get("valid_until") or float("inf")) > time.time() * 1000
        return record if valid and recipient not in self.stopped else None


def main(servers):
    people = HotRecipients(servers)
    called = {}
    while True:
        for recipient in people.poll(1.0) | set(called):
            record = people.to_call(recipient)
            if record and recipient not in called:
                called[recipient] = record
                print(f"call {recipient}: score {record['score']:.1f}, {record['evidence']}", flush=True)
            elif not record and called.pop(recipient, None):
                print(f"no longer {recipient}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
