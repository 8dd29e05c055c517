"""A sending system in Python: requests a verdict, obeys it, reports what was sent.

pip install confluent-kafka
python sending_system.py 127.0.0.1:9092 +12125550178 ...
"""
import json
import os
import sys
import threading
import time
import uuid

from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

TIMEOUT_SECONDS = 10
FRESH_SECONDS = 60
HANDED_OVER = "handed-over.txt"  # request ids, a line each; a real system has them in its database


def partitions(client, topic):
    return client.list_topics(topic, 10).topics[topic].partitions.keys()


class Heed:
    def __init__(self, servers):
        writing = {
            "bootstrap.servers": servers,
            "enable.idempotence": True,  # acknowledged by all replicas, never twice, in order
            "max.in.flight.requests.per.connection": 1,
            "partitioner": "murmur2_random",  # Kafka's default; librdkafka's own is another
        }
        self.reports = Producer(writing)
        # A request that arrives late would hold a slot for a message that nobody sends.
        self.requests = Producer({**writing, "message.timeout.ms": TIMEOUT_SECONDS * 1000})
        self.consumer = Consumer({
            "bootstrap.servers": servers,
            "group.id": "unused",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        })
        topics = ["sms.decision.send-verdict", "sms.decision.heartbeat"]
        self.consumer.assign([
            TopicPartition(t, p, OFFSET_END) for t in topics for p in partitions(self.consumer, t)
        ])
        self.partitions = len(partitions(self.consumer, topics[1]))
        self.heartbeats = {}  # partition: (append time, received, ready)
        self.waiting = {}  # request_id: (arrived, [verdict])
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            message = self.consumer.poll(1.0)
            if message is None or message.error():
                continue
            record = json.loads(message.value())
            if message.topic() == "sms.decision.heartbeat":
                self.heartbeats[record["partition"]] = (
                    message.timestamp()[1] / 1000, time.monotonic(), record["ready"])
            elif record["request_id"] in self.waiting:
                arrived, verdict = self.waiting[record["request_id"]]
                verdict.append(record)
                arrived.set()

    def fresh(self):
        """Whether every partition's heartbeat is ready and recent, by both clocks."""
        heartbeats = list(self.heartbeats.values())
        return 0 < self.partitions == len(heartbeats) and all(
            ready
            and abs(time.time() - appended) <= FRESH_SECONDS
            and time.monotonic() - received <= FRESH_SECONDS
            for appended, received, ready in heartbeats)

    @staticmethod
    def write(producer, topic, event):
        now = int(time.time() * 1000)
        event = {"event_id": str(uuid.uuid4()), "event_time": now, **event}
        producer.produce(topic, json.dumps(event), key=event["recipient_id"])

    def request(self, request):
        """The verdict, or None if there is none in time."""
        until = time.monotonic() + TIMEOUT_SECONDS
        arrived, verdict = self.waiting[request["request_id"]] = (threading.Event(), [])
        self.write(self.requests, "sms.send-request", request)
        self.requests.flush(TIMEOUT_SECONDS)
        arrived.wait(max(0, until - time.monotonic()))
        del self.waiting[request["request_id"]]
        return verdict[0] if verdict else None

    def report(self, sent):
        self.write(self.reports, "sms.send", sent)

    def may_send(self, verdict):
        """To be called right before the message is handed over."""
        return (verdict is not None and verdict["verdict"] == "ALLOW"
                and time.time() * 1000 < verdict["expires_at"] and self.fresh())


def is_first(request_id):
    """Whether a message was not handed over yet, and notes that it is from now on.

    Noted before, so that a crash in between costs a message and sends none twice.
    """
    with open(HANDED_OVER, "a+", encoding="utf-8") as file:
        file.seek(0)
        if request_id in file.read().splitlines():
            return False
        file.write(request_id + "\n")
        file.flush()
        os.fsync(file.fileno())
        return True


def main(servers, recipients):
    heed = Heed(servers)
    time.sleep(3)  # the first heartbeats
    for recipient in recipients:
        message = {
            "recipient_id": recipient, "campaign_id": "spring-sale", "list_id": "newsletter",
            "category": "PROMOTIONAL", "request_id": "spring-sale:" + recipient,
        }
        verdict = heed.request(message)
        print(recipient, verdict and (verdict["verdict"], verdict["reasons"]))
        # The gate repeats an ALLOW until it expires, also for a message that went out.
        if heed.may_send(verdict) and is_first(message["request_id"]):
            message_id = str(uuid.uuid4())  # what the vendor's API returns
            sent = {"event_id": "send:" + message_id, "message_id": message_id}
            for name in ("variant_id", "epoch"):
                if name in verdict:
                    sent[name] = verdict[name]
            heed.report({**message, **sent})
    if heed.reports.flush(60):
        sys.exit("not everything that was sent is reported: report it again")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
