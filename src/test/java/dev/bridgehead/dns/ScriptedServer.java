package dev.bridgehead.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A name server on loopback, UDP and TCP on one port, that says what a test wants: no real one
 * could be made to say it.
 */
public final class ScriptedServer implements AutoCloseable {
  /** What it answers. */
  @FunctionalInterface
  public interface Script {
    /** The octets of the reply; none for silence. */
    byte[] reply(Message query, boolean tcp) throws IOException;
  }

  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final Script script;
  private final List<String> questions = new CopyOnWriteArrayList<>();

  public ScriptedServer(Script script) throws IOException {
    this.script = script;
    this.tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::serveUdp);
    Thread.startVirtualThread(this::serveTcp);
  }

  /** Answers each question with these records, in the format of a zone file, as they are. */
  public static ScriptedServer answering(String... records) throws IOException {
    return new ScriptedServer(
        (query, tcp) -> wire(query, tcp, reply(query, 0, List.of(records), List.of())));
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.getLocalPort());
  }

  /** All it was asked so far, such as {@code "example.test MX"}, with {@code " tcp"} behind. */
  public List<String> questions() {
    return questions;
  }

  /** A reply with records in the format of a zone file. */
  public static Message reply(
      Message query, int rcode, List<String> answers, List<String> authority) throws IOException {
    Message reply = new Message(query.getHeader().getID());
    reply.getHeader().setFlag(Flags.QR);
    reply.getHeader().setFlag(Flags.RA);
    reply.getHeader().setRcode(rcode);
    reply.addRecord(query.getQuestion(), Section.QUESTION);
    for (String answer : answers) {
      reply.addRecord(record(answer), Section.ANSWER);
    }
    for (String each : authority) {
      reply.addRecord(record(each), Section.AUTHORITY);
    }
    return reply;
  }

  /** {@code NAME TTL TYPE DATA}. */
  static Record record(String text) throws IOException {
    String[] parts = text.split(" ", 4);
    return Record.fromString(
        Name.fromString(parts[0]),
        Type.value(parts[2]),
        DClass.IN,
        Long.parseLong(parts[1]),
        parts[3],
        Name.root);
  }

  /** By UDP truncated to what the question allows, as servers do. */
  public static byte[] wire(Message query, boolean tcp, Message reply) {
    int room = query.getOPT() == null ? 512 : query.getOPT().getPayloadSize();
    return reply.toWire(tcp ? Message.MAXLENGTH : room);
  }

  private void serveUdp() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        udp.receive(packet);
        Thread.startVirtualThread(
            () -> {
              try {
                byte[] reply = answer(Arrays.copyOf(packet.getData(), packet.getLength()), false);
                if (reply.length > 0) {
                  udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
              } catch (IOException e) {
                if (!udp.isClosed()) {
                  throw new UncheckedIOException(e);
                }
              }
            });
      }
    } catch (IOException e) {
      if (!udp.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serveTcp() {
    try {
      while (true) {
        Socket client = tcp.accept();
        Thread.startVirtualThread(() -> serve(client));
      }
    } catch (IOException e) {
      if (!tcp.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      while (true) {
        byte[] reply = answer(in.readNBytes(in.readUnsignedShort()), true);
        if (reply.length > 0) {
          out.writeShort(reply.length);
          out.write(reply);
        }
      }
    } catch (IOException e) {
      return; // the client has gone
    }
  }

  private byte[] answer(byte[] query, boolean byTcp) throws IOException {
    Message message = new Message(query);
    Record question = message.getQuestion();
    questions.add(
        question.getName().toString(true)
            + " "
            + Type.string(question.getType())
            + (byTcp ? " tcp" : ""));
    return script.reply(message, byTcp);
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
