package io.heed.cli;

import io.heed.cli.explain.AuditCommand;
import io.heed.cli.explain.ExplainCommand;
import io.heed.cli.explain.StateCommand;
import io.heed.core.config.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code heed}. Every subcommand is a class of its own, registered here; those of other
 * modules are {@link Subcommand}s.
 */
@Command(
    name = "heed",
    description = "Listens to how the people on an SMS list respond, and decides what to do next.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    version = "heed 0.1.0")
public final class Heed {
  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          LocalCommand.class,
          TestCommand.class,
          CheckCommand.class,
          ApplyCommand.class,
          TopicsCommand.class,
          SchemasCommand.class,
          RunCommand.class,
          PlanCommand.class,
          CheckTextCommand.class,
          ReplayCommand.class,
          SimulateCommand.class,
          WebhooksCommand.class,
          ForgetCommand.class,
          ExplainCommand.class,
          AuditCommand.class,
          StateCommand.class,
          HelpCommand.class);

  private static final int FAILURE = 1;

  /** As shells report that a signal cut a command short. */
  private static final int INTERRUPTED = 130;

  /** The longest that a command may take to close what it opened once it is interrupted. */
  private static final long CLOSE_SECONDS = 120;

  private static final CountDownLatch DONE = new CountDownLatch(1);
  private static volatile int exitCode;
  private static volatile boolean signalled;

  private Heed() {}

  /**
   * Runs one command and exits. Ctrl-C and SIGTERM interrupt the command's thread: the command
   * closes what it opened, and its own exit code stands.
   */
  public static void main(String[] args) {
    // What a command prints and reads is the same on every machine.
    Locale.setDefault(Locale.ROOT);
    Thread command = Thread.currentThread();
    // Before anything can be interrupted: libraries do not survive that while they initialize.
    CommandLine commandLine = commandLine();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(command), "interrupt"));
    Thread.setDefaultUncaughtExceptionHandler(Heed::die);
    run(() -> commandLine.execute(args));
    if (!signalled) {
      System.exit(exitCode);
    }
  }

  private static void run(IntSupplier command) {
    exitCode = FAILURE;
    try {
      exitCode = command.getAsInt();
    } catch (Throwable e) {
      if (Interruption.caused(e)) {
        exitCode = INTERRUPTED;
      } else {
        System.err.println(fatal(e));
      }
    } finally {
      DONE.countDown();
    }
  }

  /** A thread that died of an error leaves a command behind which would wait for it for ever. */
  private static void die(Thread thread, Throwable e) {
    System.err.println(fatal(e) + " (thread " + thread.getName() + ")");
    if (e instanceof Error) {
      Runtime.getRuntime().halt(FAILURE);
    }
  }

  /** One line for what no command catches. */
  private static String fatal(Throwable e) {
    return e instanceof OutOfMemoryError
        ? "heed: out of memory: give more, such as HEED_JAVA_OPTS=-Xmx2g"
        : "heed: failed unexpectedly: " + e;
  }

  /** Runs as the JVM shuts down, be it for a signal or because the command is done. */
  private static void interrupt(Thread command) {
    if (DONE.getCount() == 0) {
      return;
    }
    signalled = true;
    command.interrupt();
    boolean closed = false;
    try {
      closed = DONE.await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(closed ? exitCode : INTERRUPTED);
  }

  static CommandLine commandLine() {
    CommandLine heed = new CommandLine(new Heed());
    COMMANDS.forEach(command -> heed.addSubcommand(new CommandLine(command)));
    for (Subcommand command : ServiceLoader.load(Subcommand.class)) {
      heed.addSubcommand(new CommandLine(command));
    }
    return heed.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(Heed::execute)
        .setParameterExceptionHandler(Heed::explainParameters)
        .setExecutionExceptionHandler(Heed::explain);
  }

  private static int execute(ParseResult parsed) {
    for (ParseResult part = parsed; part != null; part = part.subcommand()) {
      for (ArgSpec argument : part.matchedArgs()) {
        if (argument.originalStringValues().stream().anyMatch(String::isBlank)) {
          throw new ParameterException(
              part.commandSpec().commandLine(), name(argument) + ": the value is empty");
        }
      }
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static int explainParameters(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    return error(
        command,
        "%s (try '%s --help')".formatted(problem(e), command.getCommandSpec().qualifiedName(" ")),
        UserError.EXIT_CODE);
  }

  private static String problem(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      // The line begins with the command's name already.
      return e.getMessage().replaceFirst("^Error: ", "");
    }
    String argument = unmatched.getUnmatched().get(0);
    boolean isCommand = e.getCommandLine().getParent() == null && !argument.startsWith("-");
    String what = isCommand ? "command" : argument.startsWith("-") ? "option" : "argument";
    // The parser's own suggestions come however far they are from what was written.
    List<String> similar = unmatched.getSuggestions();
    return "unknown %s '%s'%s".formatted(what, argument, Suggestion.of(argument, similar));
  }

  private static int explain(Exception e, CommandLine command, ParseResult parsed) {
    // What fails because of an interruption is no failure of its own.
    if (Interruption.caused(e)) {
      return INTERRUPTED;
    }
    if (e instanceof UserError) {
      return error(command, e.getMessage(), UserError.EXIT_CODE);
    }
    e.printStackTrace(command.getErr());
    return error(command, "failed unexpectedly: " + e, FAILURE);
  }

  private static int error(CommandLine command, String message, int code) {
    command.getErr().println(Ansi.AUTO.string("@|bold,red heed:|@ ") + message);
    return code;
  }
}
