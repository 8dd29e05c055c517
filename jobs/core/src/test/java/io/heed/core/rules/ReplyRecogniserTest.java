package io.heed.core.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.rules.ReplyIntent.Kind;
import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyRecogniserTest {
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();

  /** Of the words that regulation and vendors name. */
  private static final List<String> EIGHT_LONGEST_KEYWORDS =
      List.of(
          "unsubscribe", "stop all", "stopall", "opt out", "optout", "cancel", "revoke", "remove");

  private static Kind kind(String body) {
    return RECOGNISER.recognise(body).kind();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STOP",
        "stop",
        "Stop.",
        "STOP!!!",
        " sToP \n",
        "quit",
        "END",
        "Revoke",
        "Opt out",
        "OPT-OUT",
        "optout",
        "cancel",
        "UNSUBSCRIBE",
        "STOPALL",
        "stopp",
        "stop all",
        "ARRET",
        "arrêt",
        "TD",
        "REMOVE",
        "*STOP*",
        "STOP \uD83D\uDE21",
        "stop\u200B",
        "\"STOP\"",
        "ＳＴＯＰ",
        "\uD835\uDC12\uD835\uDC13\uD835\uDC0E\uD835\uDC0F",
        "ⓈⓉⓄⓅ",
        "s\u0336t\u0336o\u0336p\u0336",
        "st\u200Bo\u00ADp!!",
        "ALTO",
        "sair"
      })
  void takesKeywordsExactly(String body) {
    assertThat(RECOGNISER.recognise(body))
        .satisfies(intent -> assertThat(intent.kind()).isEqualTo(Kind.OPT_OUT))
        .satisfies(intent -> assertThat(intent.exact()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s t o p",
        "S.T.O.P.",
        "s-t-o-p",
        "u n s u b s c r i b e",
        "un subscribe",
        "stpo",
        "sotp",
        "tsop",
        "stoppp it",
        "STOOOOP",
        "st0p",
        "$top",
        "5TOP",
        "unsuscribe",
        "cancle",
        "revok",
        "ЅТОР",
        "ѕтор",
        "\uD83C\uDD82\uD83C\uDD83\uD83C\uDD7E\uD83C\uDD7F",
        "please stop",
        "Stop please",
        "STOP NOW",
        "stop, thanks",
        "no stop",
        "stop stop stop",
        "Please take me off your list",
        "take me off ur list plz",
        "Plese remove me from your list",
        "stop texting me",
        "Stop sending me these messages!",
        "STOP. I already told you twice that I do not want to hear about your boring shoes ever",
        "I dont want to receive any more texts",
        "do not contact me again",
        "No more texts",
        "how do I unsubscribe?",
        "I said stop",
        "if you don't stop texting me I'll call a lawyer",
        "leave me alone",
        "lose my number",
        "delete my number please",
        "I want to opt out",
        "I revoke my consent",
        "unsubscribe me from this list right now or I will report you to the FCC, "
            + "this is the third time I have asked you to do this and nobody seems to listen",
        "no más mensajes",
        "Darme de baja por favor",
        "dejen de enviarme mensajes",
        "no quiero recibir más mensajes",
        "Bórrenme de su lista",
        "cancelar suscripción",
        "pare de me enviar mensagens",
        "não quero mais receber mensagens",
        "me tire da lista",
        "me remova da lista por favor",
        "arrêtez de m'envoyer des messages",
        "je ne veux plus recevoir vos messages",
        "désabonnez-moi",
        "retirez-moi de votre liste",
        "laissez-moi tranquille",
        "ne me contactez plus",
        "Reply STOP to opt out",
        "STOP to end"
      })
  void understandsOtherWaysOfSayingStop(String body) {
    assertThat(RECOGNISER.recognise(body))
        .satisfies(intent -> assertThat(intent.kind()).isEqualTo(Kind.OPT_OUT))
        .satisfies(intent -> assertThat(intent.exact()).isFalse())
        .satisfies(intent -> assertThat(intent.phrase()).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\uD83D\uDC4D",
        "thanks",
        "No thanks",
        "not interested",
        "NO",
        "Yes but when?",
        "don't stop",
        "please don't stop texting me",
        "never stop sending me these",
        "shop",
        "Top!",
        "quite",
        "Can I cancel my order?",
        "where is the bus stop",
        "It never ends",
        "I love the end",
        "I don't want to unsubscribe",
        "how do I remove the stain",
        "is this the end of the sale?",
        "stop by the store later?",
        "cancer",
        "step",
        "the weekend",
        "shop all",
        "I will help you",
        "start the car",
        "yes stop by tomorrow"
      })
  void leavesTheRestAlone(String body) {
    assertThat(kind(body)).isEqualTo(Kind.NONE);
  }

  /** What people write to each other, in which a keyword or a phrase has its everyday sense. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "stop already",
        "ya stop",
        "ok i stop",
        "I will stop",
        "end already",
        "ok, cancel then",
        "i lose my phone",
        "forget my phone at home",
        "i forget my number",
        "get me from the station",
        "no more free sms",
        "enough",
        "hor",
        "stp",
        "opt out of the module",
        "if u stop sending this you will have bad luck",
        "dont call me now im in class",
        "how to cancel",
        "please stop worrying",
        "STOP CRYING",
        "tama",
      })
  void leavesChatsAlone(String body) {
    assertThat(RECOGNISER.recognise(body).revokes()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "HELP,HELP", "info,HELP", "help please,HELP", "aide,HELP", "ayuda,HELP", "START,START",
    "Unstop!,START", "start please,START", "YES,YES", "sí,YES", "oui merci,YES", "Y,YES",
    "yes stop,OPT_OUT", "help! stop,OPT_OUT", "strat,NONE", "yess no,NONE", "unstpo,NONE"
  })
  void distinguishesTheIntents(String body, Kind expected) {
    assertThat(kind(body)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "> Reply STOP to opt out\nthanks!",
        "&gt; Reply STOP to opt out\nthanks!",
        "Thanks! > Reply STOP to opt out",
        "Liked “20% off today! Reply STOP to unsubscribe”",
        "Loved \"Take me off your list? Reply STOP\"",
        "ok great. Txt STOP to end",
        "> 20% off shoes. Reply STOP to opt out\n> Msg&data rates may apply"
      })
  void doesNotTakeTheMessageItselfForTheReply(String body) {
    assertThat(kind(body)).isEqualTo(Kind.NONE);
  }

  @Test
  void leavesOutWhatTheAnsweredMessageSaid() {
    String answered = "Acme: new shoes. To stop getting texts from Acme, unsubscribe me works too.";
    assertThat(RECOGNISER.recognise("lovely, new shoes. " + answered).kind())
        .isEqualTo(Kind.OPT_OUT);
    assertThat(RECOGNISER.recognise("lovely. " + answered, answered)).isEqualTo(ReplyIntent.NONE);
    assertThat(RECOGNISER.recognise("stop. " + answered, answered).kind()).isEqualTo(Kind.OPT_OUT);
    assertThat(RECOGNISER.recognise("STOP", "Reply STOP to end").exact()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"No thanks", "not interested", "Nope, not interested", "no gracias"})
  void takesSoftRefusalsOnlyWhenAsked(String body) {
    var strict = new ReplyRecogniser(Set.of(ReplyOption.SOFT_REFUSALS));
    assertThat(kind(body)).isEqualTo(Kind.NONE);
    assertThat(strict.recognise(body).kind()).isEqualTo(Kind.OPT_OUT);
  }

  @Test
  void takesNoOnlyWhenAsked() {
    var strict = new ReplyRecogniser(Set.of(ReplyOption.NO));
    assertThat(kind("NO")).isEqualTo(Kind.NONE);
    assertThat(strict.recognise("No.").kind()).isEqualTo(Kind.OPT_OUT);
    assertThat(strict.recognise("no idea").kind()).isEqualTo(Kind.NONE);
  }

  @Test
  void mistakesAtMostOneOfTheOrdinaryMessages() throws IOException {
    Path corpus = Datasets.file("sms_spam/SMSSpamCollection.tsv.gz");
    List<String> ham =
        Datasets.gzippedLines(corpus).stream()
            .filter(line -> line.startsWith("ham\t"))
            .map(line -> line.substring(4))
            .toList();
    assertThat(ham).hasSize(4827);
    List<String> mistaken =
        ham.stream().filter(body -> RECOGNISER.recognise(body).revokes()).toList();
    // CPU time, so that a busy machine does not count.
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    for (int round = 0; round < 20; round++) {
      ham.forEach(ReplyRecogniserTest::kind);
    }
    System.out.printf(
        "Ordinary messages taken for an opt-out: %s; %d ns a message%n",
        mistaken, (threads.getCurrentThreadCpuTime() - start) / (20L * ham.size()));
    assertThat(mistaken).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void agreesWithThePublishedPhrases() throws IOException {
    Path phrases = Datasets.file("optout_phrases/phrases.csv");
    List<String> wrong = new ArrayList<>();
    int rows = 0;
    try (Reader reader = Files.newBufferedReader(phrases)) {
      var format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
      for (var row : format.parse(reader)) {
        rows++;
        boolean revokes = RECOGNISER.recognise(row.get("text")).revokes();
        if (revokes != row.get("label").equals("optout")) {
          wrong.add(row.get("label") + ": " + row.get("text"));
        }
      }
    }
    assertThat(rows).isPositive();
    assertThat(wrong).isEmpty();
  }

  @Test
  void catchesMisspellingsOfTheLongestKeywords() {
    int all = 0;
    int caught = 0;
    List<String> missed = new ArrayList<>();
    for (String keyword : EIGHT_LONGEST_KEYWORDS) {
      for (String misspelt : oneEditFrom(keyword)) {
        all++;
        if (kind(misspelt) == Kind.OPT_OUT) {
          caught++;
        } else {
          missed.add(misspelt);
        }
      }
    }
    System.out.printf(
        "Misspellings caught: %d of %d (%.2f %%), missed %s%n",
        caught, all, 100.0 * caught / all, missed);
    assertThat(caught * 100L).isGreaterThanOrEqualTo(95L * all);
  }

  @Test
  void reportsWhatItMakesOfAdvertisements() throws IOException {
    // Outbound texts, full of "txt STOP to end": coming back quoted, they are no opt-outs.
    List<String> spam =
        Datasets.gzippedLines(Datasets.file("sms_spam/SMSSpamCollection.tsv.gz")).stream()
            .filter(line -> line.startsWith("spam\t"))
            .map(line -> line.substring(5))
            .toList();
    assertThat(spam).hasSize(747);
    assertThat(spam)
        .allSatisfy(
            text -> {
              assertThat(kind("> " + text + "\nthanks")).isEqualTo(Kind.NONE);
              assertThat(kind("Liked “" + text + "”")).isIn(Kind.NONE);
              assertThat(RECOGNISER.recognise("haha " + text, text).kind()).isEqualTo(Kind.NONE);
              assertThat(RECOGNISER.recognise("STOP\n> " + text, text).kind())
                  .isEqualTo(Kind.OPT_OUT);
            });
    long taken = spam.stream().filter(text -> kind("haha " + text) == Kind.OPT_OUT).count();
    System.out.printf("Advertisements taken for an opt-out, unmarked: %d of 747%n", taken);
  }

  private static Set<String> oneEditFrom(String word) {
    Set<String> edits = new LinkedHashSet<>();
    for (int i = 0; i <= word.length(); i++) {
      String head = word.substring(0, i);
      String tail = word.substring(i);
      for (char c = 'a'; c <= 'z'; c++) {
        edits.add(head + c + tail);
        if (!tail.isEmpty()) {
          edits.add(head + c + tail.substring(1));
        }
      }
      if (!tail.isEmpty()) {
        edits.add(head + tail.substring(1));
      }
      if (tail.length() > 1) {
        edits.add(head + tail.charAt(1) + tail.charAt(0) + tail.substring(2));
      }
    }
    edits.remove(word);
    return edits;
  }

  @Property(tries = 2000)
  void answersWhateverTheInput(@ForAll String body, @ForAll String answered) {
    assertThat(RECOGNISER.recognise(body, answered)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "s ",
        "stop texting ",
        "\u0301",
        "e\u0316\u0301",
        "\uFDFA",
        "\"",
        "“a ",
        "> ",
        "\uD800",
        "\u0000",
        "take me off ",
        "dont want to ",
        "\n",
        "\uD83D\uDED1",
        "$",
        "stop to end "
      })
  void isNotSlowedByHostileInput(String unit) {
    String body = unit.repeat(2_000_000 / unit.length());
    // By the processor's time, for on a busy machine the clock on the wall says nothing.
    ThreadMXBean processor = ManagementFactory.getThreadMXBean();
    long before = processor.getCurrentThreadCpuTime();
    RECOGNISER.recognise(body, body.substring(0, 100_000));
    assertThat(Duration.ofNanos(processor.getCurrentThreadCpuTime() - before))
        .isLessThan(Duration.ofMillis(500));
  }
}
