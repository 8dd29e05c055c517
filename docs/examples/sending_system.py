"""A sending system in Python: requests a verdict, obeys it, reports what was sent.

pip install confluent-kafka
python sending_system.py 127.0.0.1:9092 +12125550178 ...
"""
import json
import sys
import threading
import time
import uuid

from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

TIMEOUT_SECONDS = 10
FRESH_SECONDS = 60


def partitions(client, topic):
    return client.list_topics(topic, 10).topics[topic].partitions.keys()


class Heed:
    def __init__(self, servers):
        self.producer = Producer({
            "bootstrap.servers": servers,
            "enable.idempotence": True,  # acknowledged by all replicas, never twice, in order
            "partitioner": "murmur2_random",  # Kafka's default; librdkafka's own is another
        })
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
        return len(self.heartbeats) == self.partitions and all(
            ready
            and abs(time.time() - appended) <= FRESH_SECONDS
            and time.monotonic() - received <= FRESH_SECONDS
            for appended, received, ready in list(self.heartbeats.values()))

    def write(self, topic, event):
        now = int(time.time() * 1000)
        event = {"event_id": str(uuid.uuid4()), "event_time": now, **event}
        self.producer.produce(topic, json.dumps(event), key=event["recipient_id"])

    def request(self, request):
        """The verdict, or None if there is none in time."""
        arrived, verdict = self.waiting[request["request_id"]] = (threading.Event(), [])
        self.write("sms.send-request", request)
        self.producer.flush(TIMEOUT_SECONDS)
        arrived.wait(TIMEOUT_SECONDS)
        del self.waiting[request["request_id"]]
        return verdict[0] if verdict else None

    def may_send(self, verdict):
        """To be called right before the message is handed over."""
        return (verdict is not None and verdict["verdict"] == "ALLOW"
                and time.time() * 1000 < verdict["expires_at"] and self.fresh())


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
        if heed.may_send(verdict):
            message_id = str(uuid.uuid4())  # what the vendor's API returns
            sent = {"event_id": "send:" + message_id, "message_id": message_id}
            for name in ("variant_id", "epoch"):
                if name in verdict:
                    sent[name] = verdict[name]
            heed.write("sms.send", {**message, **sent})
    if heed.producer.flush(60):
        sys.exit("not everything that was sent is reported: report it again")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
