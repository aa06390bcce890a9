package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.testbed.Onward;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import nl.altindag.ssl.SSLFactory;
import org.jspecify.annotations.Nullable;

/** Jakarta Mail, as Eclipse Angus has it. */
class JakartaMailClientIT extends MailClientContract {
  @Override
  Submitted submit(Letter letter) throws Exception {
    Session session = Session.getInstance(properties(letter));
    MimeMessage message =
        new MimeMessage(session, new ByteArrayInputStream(letter.content().getBytes(ISO_8859_1)));
    try (Transport transport = session.getTransport("smtp")) {
      Letter.Login login = letter.login();
      if (login == null) {
        transport.connect(Onward.HOST, letter.port(), null, null);
      } else {
        transport.connect(Onward.HOST, letter.port(), login.user(), login.password());
      }
      transport.sendMessage(message, addresses(letter.to()));
      return new Submitted(true, List.of(), "");
    } catch (SendFailedException e) {
      return new Submitted(
          texts(e.getValidSentAddresses()).findAny().isPresent(),
          texts(e.getInvalidAddresses()).toList(),
          e.toString());
    } catch (MessagingException e) {
      return new Submitted(false, List.of(), e.toString());
    }
  }

  private static Properties properties(Letter letter) throws Exception {
    Properties all = new Properties();
    all.put("mail.smtp.localhost", "client.test");
    all.put("mail.smtp.from", letter.from());
    all.put("mail.smtp.sendpartial", "true");
    all.put("mail.mime.allowutf8", "" + letter.international());
    all.put("mail.smtp.starttls.enable", "" + (letter.tls() == Letter.Tls.STARTTLS));
    all.put("mail.smtp.starttls.required", "" + (letter.tls() == Letter.Tls.STARTTLS));
    all.put("mail.smtp.ssl.enable", "" + (letter.tls() == Letter.Tls.IMPLICIT));
    all.put(
        "mail.smtp.ssl.socketFactory",
        SSLFactory.builder()
            .withTrustMaterial(certificate(letter.authority()))
            .build()
            .getSslSocketFactory());
    Letter.Login login = letter.login();
    if (login != null) {
      all.put("mail.smtp.auth", "true");
      all.put("mail.smtp.auth.mechanisms", login.mechanism());
    }
    if (letter.chunks()) {
      all.put("mail.smtp.chunksize", "4096");
    }
    return all;
  }

  /** Not by PemUtils, which brings Bouncy Castle into the relay's handshakes. */
  private static Certificate certificate(Path file) throws Exception {
    try (InputStream pem = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
  }

  private static Address[] addresses(List<String> texts) throws MessagingException {
    Address[] all = new Address[texts.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = new InternetAddress(texts.get(i));
    }
    return all;
  }

  /** Null where there are none. */
  private static Stream<String> texts(Address @Nullable [] addresses) {
    return addresses == null ? Stream.of() : Stream.of(addresses).map(Address::toString);
  }

  @Override
  boolean speaksUtf8() {
    return true;
  }

  @Override
  boolean sendsChunks() {
    return true;
  }

  /** It doubles dots as in DATA (eclipse-ee4j/angus-mail#209). */
  @Override
  String chunked(String content) {
    return content.replace("\r\n.", "\r\n..");
  }
}
