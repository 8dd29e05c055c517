package io.heed.flink.sendgate;

import io.heed.core.experiments.ExperimentAllocation.Earlier;
import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Asked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpAsked;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Category;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.UnreadableException;
import io.heed.core.rules.ErrorClass;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateInput.Position;
import io.heed.flink.streaming.CompactSerializer;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.EventSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** Between intake and gate only: nothing of it is kept in state. */
public final class GateInputSerializer extends CompactSerializer<GateInput> {
  static final CompactTypeInfo<GateInput> TYPE =
      new CompactTypeInfo<>(GateInput.class, new GateInputSerializer());

  private static final long serialVersionUID = 1L;

  private static final int PROGRESS = 0;
  private static final int VERSION = 1;
  private static final int SENT = 2;
  private static final int RECEIPT = 3;
  private static final int ASKED = 4;
  private static final int REVOKED = 5;
  private static final int CONSENTED = 6;
  private static final int HELP_ASKED = 7;
  private static final int TOUCHED = 8;
  private static final int RECOVERED = 9;
  private static final int EXPERIMENT = 10;
  private static final int EXPOSED = 11;
  private static final int INVALID = 12;

  private static final Category[] CATEGORIES = Category.values();
  private static final DeliveryStatus[] STATUSES = DeliveryStatus.values();
  private static final ErrorClass[] ERRORS = ErrorClass.values();
  private static final RevocationMethod[] REVOCATIONS = RevocationMethod.values();
  private static final ConsentMethod[] CONSENTS = ConsentMethod.values();

  private static final EventSerializer EVENTS = new EventSerializer();
  private static final ConfigTopic.VersionSerializer VERSIONS = new ConfigTopic.VersionSerializer();
  private static final JsonCodec<ExperimentDecision> DECISION =
      JsonCodec.of(ExperimentDecision.class);

  @Override
  public void serialize(GateInput input, DataOutputView out) throws IOException {
    if (input.progress() != null) {
      out.writeByte(PROGRESS);
      StringValue.writeString(input.key(), out);
      out.writeShort(input.progress().size());
      for (Position position : input.progress()) {
        out.writeByte(position.part().topic());
        out.writeShort(position.part().partition());
        out.writeLong(position.next());
      }
    } else if (input.version() != null) {
      out.writeByte(VERSION);
      StringValue.writeString(input.key(), out);
      VERSIONS.serialize(input.version(), out);
    } else if (input.experiment() != null) {
      out.writeByte(EXPERIMENT);
      StringValue.writeString(input.key(), out);
      byte[] json = DECISION.write(input.experiment());
      out.writeInt(json.length);
      out.write(json);
    } else {
      write(input.event(), out);
      out.writeShort(input.partition());
      out.writeLong(input.offset());
    }
  }

  private static void write(GateEvent event, DataOutputView out) throws IOException {
    if (event instanceof Sent sent) {
      out.writeByte(SENT);
      StringValue.writeString(sent.recipientId(), out);
      out.writeLong(sent.time());
      out.writeBoolean(sent.live());
      StringValue.writeString(sent.messageId(), out);
      StringValue.writeString(sent.campaignId(), out);
      StringValue.writeString(sent.listId(), out);
      out.writeByte(sent.category().ordinal());
      StringValue.writeString(sent.region(), out);
      StringValue.writeString(sent.timeZone(), out);
      StringValue.writeString(sent.requestId(), out);
      out.writeShort(sent.tags().size());
      for (String tag : sent.tags()) {
        StringValue.writeString(tag, out);
      }
      out.writeBoolean(sent.exposure() != null);
      if (sent.exposure() != null) {
        write(sent.exposure(), out);
      }
    } else if (event instanceof Exposed exposed) {
      out.writeByte(EXPOSED);
      StringValue.writeString(exposed.recipientId(), out);
      out.writeLong(exposed.time());
      write(exposed.exposure(), out);
    } else if (event instanceof Receipt receipt) {
      out.writeByte(RECEIPT);
      StringValue.writeString(receipt.recipientId(), out);
      out.writeLong(receipt.time());
      StringValue.writeString(receipt.messageId(), out);
      out.writeByte(receipt.status().ordinal());
      out.writeByte(receipt.error().ordinal());
    } else if (event instanceof Asked asked) {
      out.writeByte(ASKED);
      EVENTS.serialize(asked.request(), out);
      out.writeLong(asked.appendTime());
    } else if (event instanceof Revoked revoked) {
      out.writeByte(REVOKED);
      StringValue.writeString(revoked.recipientId(), out);
      out.writeLong(revoked.time());
      StringValue.writeString(revoked.scope(), out);
      StringValue.writeString(revoked.messageId(), out);
      out.writeByte(revoked.method().ordinal());
    } else if (event instanceof Consented consented) {
      out.writeByte(CONSENTED);
      StringValue.writeString(consented.recipientId(), out);
      out.writeLong(consented.time());
      StringValue.writeString(consented.scope(), out);
      StringValue.writeString(consented.messageId(), out);
      out.writeByte(consented.method().ordinal());
    } else if (event instanceof HelpAsked help) {
      out.writeByte(HELP_ASKED);
      StringValue.writeString(help.recipientId(), out);
      out.writeLong(help.time());
    } else if (event instanceof Touched touched) {
      out.writeByte(TOUCHED);
      StringValue.writeString(touched.recipientId(), out);
      out.writeLong(touched.time());
      StringValue.writeString(touched.eventId(), out);
      StringValue.writeString(touched.channel(), out);
    } else if (event instanceof Invalid invalid) {
      out.writeByte(INVALID);
      StringValue.writeString(invalid.recipientId(), out);
      out.writeLong(invalid.time());
      StringValue.writeString(invalid.requestId(), out);
    } else {
      SuppressionDecision decision = ((Recovered) event).decision();
      out.writeByte(RECOVERED);
      StringValue.writeString(decision.recipientId(), out);
      StringValue.writeString(decision.scope(), out);
      out.writeBoolean(decision.state() == SuppressionState.SUPPRESSED);
      StringValue.writeString(decision.method(), out);
      out.writeLong(decision.since());
      out.writeLong(decision.seq());
    }
  }

  private static void write(Earlier exposure, DataOutputView out) throws IOException {
    StringValue.writeString(exposure.experimentId(), out);
    StringValue.writeString(exposure.variantId(), out);
    out.writeInt(exposure.epoch());
  }

  @Override
  public GateInput deserialize(DataInputView in) throws IOException {
    int kind = in.readByte();
    if (kind == PROGRESS) {
      String key = StringValue.readString(in);
      int size = in.readUnsignedShort();
      List<Position> progress = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        progress.add(new Position(new Part(in.readByte(), in.readUnsignedShort()), in.readLong()));
      }
      return GateInput.of(key, progress);
    }
    if (kind == VERSION) {
      return GateInput.of(StringValue.readString(in), VERSIONS.deserialize(in));
    }
    if (kind == EXPERIMENT) {
      return GateInput.of(StringValue.readString(in), readDecision(in));
    }
    GateEvent event = read(kind, in);
    return GateInput.of(event, in.readUnsignedShort(), in.readLong());
  }

  private static ExperimentDecision readDecision(DataInputView in) throws IOException {
    byte[] json = new byte[in.readInt()];
    in.readFully(json);
    try {
      return DECISION.read(json);
    } catch (UnreadableException e) {
      throw new IOException("a decision is not read back as it was written", e);
    }
  }

  private static GateEvent read(int kind, DataInputView in) throws IOException {
    if (kind == ASKED) {
      return new Asked((SendRequest) EVENTS.deserialize(in), in.readLong());
    }
    String recipient = StringValue.readString(in);
    return switch (kind) {
      case SENT -> {
        long time = in.readLong();
        boolean live = in.readBoolean();
        String message = StringValue.readString(in);
        String campaign = StringValue.readString(in);
        String list = StringValue.readString(in);
        Category category = CATEGORIES[in.readByte()];
        String region = StringValue.readString(in);
        String zone = StringValue.readString(in);
        String request = StringValue.readString(in);
        yield new Sent(
            recipient,
            time,
            live,
            message,
            campaign,
            list,
            category,
            region,
            zone,
            request,
            readTexts(in),
            in.readBoolean() ? readExposure(in) : null);
      }
      case EXPOSED -> new Exposed(recipient, in.readLong(), readExposure(in));
      case RECEIPT ->
          new Receipt(
              recipient,
              in.readLong(),
              StringValue.readString(in),
              STATUSES[in.readByte()],
              ERRORS[in.readByte()]);
      case REVOKED ->
          new Revoked(
              recipient,
              in.readLong(),
              StringValue.readString(in),
              StringValue.readString(in),
              REVOCATIONS[in.readByte()]);
      case CONSENTED ->
          new Consented(
              recipient,
              in.readLong(),
              StringValue.readString(in),
              StringValue.readString(in),
              CONSENTS[in.readByte()]);
      case HELP_ASKED -> new HelpAsked(recipient, in.readLong());
      case INVALID -> new Invalid(recipient, in.readLong(), StringValue.readString(in));
      case TOUCHED ->
          new Touched(
              recipient, in.readLong(), StringValue.readString(in), StringValue.readString(in));
      case RECOVERED -> {
        String scope = StringValue.readString(in);
        SuppressionState state =
            in.readBoolean() ? SuppressionState.SUPPRESSED : SuppressionState.ALLOWED;
        String method = StringValue.readString(in);
        long since = in.readLong();
        long seq = in.readLong();
        yield new Recovered(
            new SuppressionDecision(
                "", since, 0, List.of(), seq, null, recipient, scope, state, method, since, null));
      }
      default -> throw new IOException("no kind of gate input " + kind);
    };
  }

  private static Earlier readExposure(DataInputView in) throws IOException {
    return new Earlier(StringValue.readString(in), StringValue.readString(in), in.readInt());
  }

  private static List<String> readTexts(DataInputView in) throws IOException {
    int size = in.readUnsignedShort();
    if (size == 0) {
      return List.of();
    }
    List<String> texts = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      texts.add(StringValue.readString(in));
    }
    return texts;
  }
}
