package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.MailAddress;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Command lines of clients. What is understood, printed and read again says the same; what is
 * refused has an answer that is one line of ASCII. The input is a line.
 */
public final class CommandFuzz {
  private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();
  private static final long MAX_SIZE = 25 << 20;

  private CommandFuzz() {}

  public static void fuzzerTestOneInput(byte[] line) {
    if (line.length > ClientInput.MAX_LINE) {
      return;
    }
    try {
      CommandLine command = CommandLine.parse(line);
      assertThat(command.argument())
          .doesNotContainPattern("[\\x00-\\x1F\\x7F]")
          .doesNotEndWith(" ");
      assertThat(LogText.of(command.argument())).doesNotContainPattern("\\p{Cntrl}");
      argument(command);
    } catch (RefusedException refused) {
      Answer answer = refused.answer();
      assertThat(answer.reply().code()).isBetween(400, 599);
      assertThat(answer.refusal()).isNotNull();
      assertThat(answer.reply().lines()).allMatch(text -> text.matches("[ -~]+"));
    }
  }

  private static void argument(CommandLine command) throws RefusedException {
    String argument = command.argument();
    switch (command.verb()) {
      case EHLO, HELO -> assertThat(client().named(argument, true).name()).matches("[!-~]{1,255}");
      case MAIL -> mail(MailCommand.parse(argument, MAX_SIZE, true));
      case RCPT -> {
        recipient(RcptCommand.parse(argument, true));
        RcptCommand.parse(argument, false);
      }
      case BDAT -> chunk(ChunkCommand.parse(argument), argument);
      case XCLIENT -> {
        XclientCommand said = XclientCommand.parse(argument);
        assertThat(said.name() == null || said.name().matches("[ -~]*")).isTrue();
      }
      default -> {} // has no grammar of its own
    }
  }

  private static Client client() {
    return Client.unnamed(ADDRESS);
  }

  private static void mail(MailCommand mail) throws RefusedException {
    assertThat(mail.size()).isBetween(0L, MAX_SIZE);
    String printed =
        "FROM:"
            + path(mail.reversePath())
            + " SIZE="
            + mail.size()
            + (mail.smtpUtf8() ? " SMTPUTF8" : "")
            + (mail.requireTls() ? " REQUIRETLS" : "")
            + (mail.returned() == null ? "" : " RET=" + mail.returned())
            + (mail.envelopeId() == null ? "" : " ENVID=" + mail.envelopeId());
    assertThat(MailCommand.parse(printed, MAX_SIZE, false)).isEqualTo(mail);
  }

  private static void recipient(RcptCommand rcpt) throws RefusedException {
    MailAddress address = rcpt.path().address();
    ForRecipient dsn = rcpt.dsn();
    String printed =
        "TO:"
            + (address == null ? "<postmaster>" : path(address))
            + (dsn.notifyOn() == null ? "" : " NOTIFY=" + kinds(dsn))
            + (dsn.originalRecipient() == null ? "" : " ORCPT=" + dsn.originalRecipient());
    RcptCommand again = RcptCommand.parse(printed, true);
    assertThat(again.path().address()).isEqualTo(address);
    assertThat(again.dsn()).isEqualTo(dsn);
  }

  private static String kinds(ForRecipient dsn) {
    TreeSet<Notify> kinds = new TreeSet<>(dsn.notifyOn());
    return kinds.isEmpty()
        ? "NEVER"
        : kinds.stream().map(Notify::name).collect(Collectors.joining(","));
  }

  private static String path(@Nullable MailAddress address) {
    return address == null ? "<>" : "<" + address + ">";
  }

  private static void chunk(ChunkCommand chunk, String argument) {
    String[] words = argument.split(" ", -1);
    BigInteger said = new BigInteger(words[0]);
    boolean fits = said.toString().length() <= 18;
    assertThat(chunk.size()).isEqualTo(fits ? said.longValueExact() : Long.MAX_VALUE);
    assertThat(chunk.last()).isEqualTo(words.length == 2);
    assertThat(words.length == 1 || words[1].equalsIgnoreCase("LAST")).isTrue();
  }
}
