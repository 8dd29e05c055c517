package io.heed.cli;

import io.heed.cli.explain.AuditCommand;
import io.heed.cli.explain.ExplainCommand;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command {@code heed}. Every subcommand is a class of its own, registered here; those of other
 * modules are {@link Subcommand}s.
 */
@Command(
    name = "heed",
    description = "Listens to how the people on an SMS list respond, and tells what to do next.",
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
          RunCommand.class,
          PlanCommand.class,
          ReplayCommand.class,
          ExplainCommand.class,
          AuditCommand.class,
          HelpCommand.class);

  private static final int FAILURE = 1;

  /** As shells tell that a signal cut a command short. */
  private static final int INTERRUPTED = 130;

  private static final CountDownLatch DONE = new CountDownLatch(1);
  private static volatile int exitCode;
  private static volatile boolean signalled;

  private Heed() {}

  /**
   * Runs one command and exits. Ctrl-C and SIGTERM interrupt the command's thread: the command
   * closes what it opened, and its own exit code stands.
   */
  public static void main(String[] args) {
    Thread command = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(command), "interrupt"));
    exitCode = commandLine().execute(args);
    DONE.countDown();
    if (!signalled) {
      System.exit(exitCode);
    }
  }

  /** Runs as the JVM shuts down, be it for a signal or because the command is done. */
  private static void interrupt(Thread command) {
    if (DONE.getCount() == 0) {
      return;
    }
    signalled = true;
    command.interrupt();
    try {
      DONE.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(exitCode);
  }

  static CommandLine commandLine() {
    CommandLine heed = new CommandLine(new Heed());
    COMMANDS.forEach(command -> heed.addSubcommand(new CommandLine(command)));
    for (Subcommand command : ServiceLoader.load(Subcommand.class)) {
      heed.addSubcommand(new CommandLine(command));
    }
    return heed.setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Heed::explainParameters)
        .setExecutionExceptionHandler(Heed::explain);
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
      return e.getMessage();
    }
    String argument = unmatched.getUnmatched().get(0);
    boolean isCommand = e.getCommandLine().getParent() == null && !argument.startsWith("-");
    String what = isCommand ? "command" : argument.startsWith("-") ? "option" : "argument";
    List<String> similar = unmatched.getSuggestions();
    return "unknown %s '%s'%s"
        .formatted(
            what, argument, similar.isEmpty() ? "" : ", did you mean '" + similar.get(0) + "'?");
  }

  private static int explain(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof UserError) {
      return error(command, e.getMessage(), UserError.EXIT_CODE);
    }
    if (e instanceof InterruptedException) {
      return INTERRUPTED;
    }
    e.printStackTrace(command.getErr());
    return error(command, "failed unexpectedly: " + e, FAILURE);
  }

  private static int error(CommandLine command, String message, int code) {
    command.getErr().println(Ansi.AUTO.string("@|bold,red heed:|@ ") + message);
    return code;
  }
}
