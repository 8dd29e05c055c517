package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PersonStateTest {
  private static final int DAY = 20_500;

  private static List<UnaryOperator<PersonState>> events(Random random) {
    List<UnaryOperator<PersonState>> events = new ArrayList<>();
    for (int i = random.nextInt(150); i >= 0; i--) {
      int day = DAY + random.nextInt(400);
      int expected = random.nextInt(200);
      events.add(
          switch (random.nextInt(4)) {
            case 0 -> person -> person.withClick(day);
            case 1 -> person -> person.withConversion(day);
            default -> person -> person.withMessage(day, expected);
          });
    }
    return events;
  }

  private static PersonState all(PersonState from, List<UnaryOperator<PersonState>> events) {
    PersonState state = from;
    for (UnaryOperator<PersonState> event : events) {
      state = event.apply(state);
    }
    return state;
  }

  private static byte[] bytes(PersonState state) {
    BinaryWriter out = new BinaryWriter();
    state.write(out);
    return out.toByteArray();
  }

  @Property(tries = 400)
  void isTheSameInAnyOrder(@ForAll long seed) {
    Random random = new Random(seed);
    List<UnaryOperator<PersonState>> events = events(random);
    List<UnaryOperator<PersonState>> shuffled = new ArrayList<>(events);
    Collections.shuffle(shuffled, random);
    assertThat(bytes(all(PersonState.NEW, shuffled)))
        .isEqualTo(bytes(all(PersonState.NEW, events)));
  }

  @Property(tries = 400)
  void mergesIntoTheStateOfAllEvents(@ForAll long seed) {
    Random random = new Random(seed);
    List<UnaryOperator<PersonState>> events = events(random);
    int cut = random.nextInt(events.size() + 1);
    PersonState a = all(PersonState.NEW, events.subList(0, cut));
    PersonState b = all(PersonState.NEW, events.subList(cut, events.size()));
    byte[] expected = bytes(all(PersonState.NEW, events));
    assertThat(bytes(a.merge(b))).isEqualTo(expected);
    assertThat(bytes(b.merge(a))).isEqualTo(expected);
  }

  @Property(tries = 400)
  void comesBackFromItsBytes(@ForAll long seed) throws BinaryException {
    PersonState state = all(PersonState.NEW, events(new Random(seed)));
    byte[] bytes = bytes(state);
    assertThat(bytes).hasSize(PersonState.BYTES).hasSizeLessThanOrEqualTo(32);
    assertThat(bytes(PersonState.read(new BinaryReader(bytes)))).isEqualTo(bytes);
  }

  @Property(tries = 400)
  void sumsWhatEachMessageStillCounts(@ForAll long seed) {
    Random random = new Random(seed);
    PersonState state = PersonState.NEW;
    int[] messages = new int[400];
    for (int i = random.nextInt(60); i >= 0; i--) {
      int day = random.nextInt(400);
      if (messages[day] < 7) {
        messages[day]++;
        state = state.withMessage(DAY + day, 0);
      }
    }
    int now = Math.max(0, state.lastDay() - DAY) + random.nextInt(10);
    for (HalfLife halfLife : HalfLife.values()) {
      double expected = 0;
      for (int day = 0; day < 400 && day <= now; day++) {
        if (state.lastDay() - DAY - day < PersonState.RING_DAYS
            && now - day < PersonState.RING_DAYS) {
          expected += messages[day] * Math.pow(2, -(now - day) / (double) halfLife.days());
        }
      }
      assertThat(state.fatigueMillis(halfLife, DAY + now) / 1000.0)
          .isCloseTo(expected, org.assertj.core.data.Offset.offset(0.1));
    }
  }

  @Test
  void saturatesInsteadOfOverflowing() {
    PersonState state = PersonState.NEW;
    for (int i = 0; i < 70_000; i++) {
      state = state.withMessage(DAY, 1024).withClick(DAY);
    }
    assertThat(state.borne()).isEqualTo(65_535);
    assertThat(state.clicks()).isEqualTo(255);
    assertThat(state.expectedClicks()).isEqualTo(65_535);
    assertThat(state.fatigueMillis(HalfLife.SEVEN_DAYS, DAY)).isEqualTo(7_000);
  }

  @Test
  void refusesDaysAndBytesThatCannotBe() {
    assertThatThrownBy(() -> PersonState.NEW.withMessage(0, 1)).hasMessageContaining("epochDay 0");
    assertThatThrownBy(() -> PersonState.read(new BinaryReader(new byte[] {9, 0})))
        .hasMessageContaining("format 9");
    byte[] bytes = bytes(PersonState.NEW);
    bytes[3] = (byte) 0x80;
    assertThatThrownBy(() -> PersonState.read(new BinaryReader(bytes)))
        .hasMessageContaining("more than 20 days");
  }
}
