"""Whom sales should call: follows the signal HOT, and prints each person once it is set, and when it ends.

pip install confluent-kafka
python hot_recipients.py 127.0.0.1:9092
"""
import json
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

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
            "enable.partition.eof": True,
        })
        partitions = [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in (SIGNALS, SUPPRESSIONS)
            for partition in self.consumer.list_topics(topic, 10).topics[topic].partitions
        ]
        self.consumer.assign(partitions)
        self.unread = {(each.topic, each.partition) for each in partitions}  # not to their ends yet
        if {topic for topic, _ in self.unread} != {SIGNALS, SUPPRESSIONS}:
            sys.exit(f"Kafka has no topics {SIGNALS} and {SUPPRESSIONS}")
        self.newest = {}  # (topic, key): record
        self.hot = {}  # recipient: record
        self.stopped = set()  # recipients who want to hear nothing, by scope *

    def poll(self, seconds):
        """The recipients whose record has changed."""
        changed = set()
        for message in self.consumer.consume(1000, seconds):
            if message.error():
                if message.error().code() == KafkaError._PARTITION_EOF:
                    self.unread.discard((message.topic(), message.partition()))
                continue
            key = (message.topic(), message.key())
            changed.add(self.take(key, json.loads(message.value())) if message.value() else self.forget(key))
        return changed - {None}

    def forget(self, key):
        """A tombstone: who is erased is hot no longer, and who has stopped is not called for it."""
        record = self.newest.pop(key, {})
        if record.get("signal") == "HOT":
            self.hot.pop(record["recipient_id"], None)
        return record.get("recipient_id")

    def take(self, key, record):
        # SUPPRESSED is applied whatever its seq; of all else a lower one is ignored.
        older = key in self.newest and record["seq"] < self.newest[key]["seq"]
        if older and record["state"] != "SUPPRESSED":
            return None
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
        return recipient

    def to_call(self, recipient):
        """The signal of a person who may be called now, or None, also before all was read."""
        record = self.hot.get(recipient)
        valid = record and (record.get("valid_until") or float("inf")) > time.time() * 1000
        return record if valid and not self.unread and recipient not in self.stopped else None


def main(servers):
    people = HotRecipients(servers)
    called = {}
    while True:
        begun = not people.unread
        changed = people.poll(1.0)
        # Once a person's suppression is read as well as the signal: all who are hot by then.
        for recipient in (changed if begun else set(people.hot)) | set(called):
            record = people.to_call(recipient)
            if record and recipient not in called:
                called[recipient] = record
                print(f"call {recipient}: score {record['score']:.1f}, {record['evidence']}", flush=True)
            elif not record and called.pop(recipient, None):
                print(f"no longer {recipient}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
