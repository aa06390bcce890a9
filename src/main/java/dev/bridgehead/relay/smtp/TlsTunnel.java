package dev.bridgehead.relay.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS between a socket's streams and a session's: an engine, and buffers that are small while the
 * session is idle. Reading never writes, so only {@link ReplyWriter} has to be watched for clients
 * that take nothing. Used by the session's thread.
 */
final class TlsTunnel {
  /** RFC 8446 section 5.1: type, version, length. */
  private static final int HEADER = 5;

  /** RFC 8446 section 5.2; the suites of TLS 1.2 that are offered add less. */
  private static final int MAX_FRAGMENT = 16_384 + 256;

  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;

  private static final int IDLE_BUFFER = 512;
  private static final int BULK_BUFFER = 32 * 1024;

  /** Empty records, alerts and key updates in a row: no client has a use for more. */
  private static final int MAX_FRUITLESS = 32;

  /**
   * Records that are to be answered, such as new keys, before anything is written. What the engine
   * keeps for each answer is a cipher of its own; a client renews its keys after gigabytes.
   */
  private static final int MAX_UNANSWERED = 8;

  /** Of a record without data: a longer one holds new keys by the hundred. */
  private static final int MAX_FRUITLESS_OCTETS = 128;

  /** Of a whole handshake; one with the longest chain of fragments takes some dozen. */
  private static final int MAX_HANDSHAKE_RECORDS = 128;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SSLEngine engine;
  private final InputStream socketIn;
  private final OutputStream socketOut;

  /** What came and is not decrypted yet, from position to limit. */
  private byte[] encrypted = new byte[IDLE_BUFFER];

  private int position;
  private int limit;

  /** Decrypted, and not taken yet. */
  private ByteBuffer plain = NOTHING;

  private boolean established;

  /** Since the last write. */
  private int unanswered;

  TlsTunnel(SSLEngine engine, InputStream socketIn, OutputStream socketOut) {
    this.engine = engine;
    this.socketIn = socketIn;
    this.socketOut = socketOut;
  }

  /**
   * Shakes hands.
   *
   * @return false where the client went away without a word, as health checks do
   * @throws SSLException where the client's TLS does not suit, or what it speaks is none
   * @throws EOFException where it went away
   */
  boolean handshake() throws IOException {
    engine.beginHandshake();
    int records = 0;
    for (HandshakeStatus status = engine.getHandshakeStatus();
        status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED;
        status = engine.getHandshakeStatus()) {
      switch (status) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(NOTHING);
        default -> {
          if (++records > MAX_HANDSHAKE_RECORDS) {
            throw new SSLException("a handshake without end");
          }
          ByteBuffer record = record(0);
          if (record == null && records == 1 && limit == 0) {
            return false;
          }
          if (record == null) {
            throw new EOFException("the connection ended within the handshake");
          }
          requireOpen(engine.unwrap(record, NOTHING.duplicate()));
        }
      }
    }
    established = true;
    return true;
  }

  private static void requireOpen(SSLEngineResult result) throws SSLException {
    if (result.getStatus() != Status.OK) {
      throw new SSLException("the client ended the handshake");
    }
  }

  /** Such as TLSv1.3. */
  String protocol() {
    return engine.getSession().getProtocol();
  }

  String cipherSuite() {
    return engine.getSession().getCipherSuite();
  }

  /** What the client says; the end of the connection where it says so, with or without an alert. */
  InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        return length == 0 ? 0 : decrypt(into, offset, length);
      }
    };
  }

  OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
      }

      @Override
      public void write(byte[] octets, int offset, int length) throws IOException {
        wrap(ByteBuffer.wrap(octets, offset, length));
      }
    };
  }

  /**
   * Says that nothing follows, or which fault there was; best effort. A peer that ends without it
   * may be cut short by others (RFC 8446 section 6.1).
   */
  void sayGoodbye() throws IOException {
    engine.closeOutbound();
    try {
      while (!engine.isOutboundDone() && wrapped(NOTHING)) {
        // an alert each time
      }
    } catch (SSLException nothingMore) {
      engine.closeOutbound();
    }
  }

  private int decrypt(byte[] into, int offset, int length) throws IOException {
    for (int fruitless = 0; fruitless < MAX_FRUITLESS; fruitless++) {
      if (plain.hasRemaining()) {
        return take(into, offset, length);
      }
      ByteBuffer record = record(length);
      if (record == null) {
        return -1;
      }
      ByteBuffer target = ByteBuffer.wrap(into, offset, length);
      SSLEngineResult result = engine.unwrap(record, target);
      if (result.getStatus() == Status.BUFFER_OVERFLOW) {
        ByteBuffer whole = ByteBuffer.allocate(record.remaining());
        result = engine.unwrap(record, whole);
        plain = whole.flip();
      }
      runTasks();
      if (result.getStatus() == Status.CLOSED) {
        return -1;
      }
      if (target.position() > offset) {
        return target.position() - offset;
      }
      if (!plain.hasRemaining()) {
        bearWithoutData(result);
      }
    }
    throw new SSLException("records without data, one after the other");
  }

  /** One may come between data now and then; what it leaves in the engine stays until a write. */
  private void bearWithoutData(SSLEngineResult result) throws SSLException {
    if (result.bytesConsumed() > MAX_FRUITLESS_OCTETS) {
      throw new SSLException("a long record without data");
    }
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && ++unanswered > MAX_UNANSWERED) {
      throw new SSLException("new keys again and again");
    }
  }

  private int take(byte[] into, int offset, int length) {
    int count = Math.min(length, plain.remaining());
    plain.get(into, offset, count);
    if (!plain.hasRemaining()) {
      plain = NOTHING;
    }
    return count;
  }

  /** Key exchange and signature of the handshake: on this thread, which is nobody else's. */
  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** Encrypts and sends, and whatever the protocol itself has to say before. */
  private void wrap(ByteBuffer source) throws IOException {
    do {
      if (!wrapped(source)) {
        throw new SSLException("the client has ended the connection");
      }
    } while (source.hasRemaining());
  }

  /** Sends one record; false where no more can be sent. */
  private boolean wrapped(ByteBuffer source) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    unanswered = 0;
    SSLEngineResult result = engine.wrap(source, record);
    socketOut.write(record.array(), 0, record.position());
    return result.getStatus() == Status.OK;
  }

  /**
   * The next record as a whole.
   *
   * @param expected octets that the reader has room for: how much is to be expected
   * @return null at the end of the connection
   */
  private @Nullable ByteBuffer record(int expected) throws IOException {
    int needed = HEADER;
    while (true) {
      if (limit - position >= HEADER) {
        needed = length();
      }
      if (limit - position >= needed) {
        ByteBuffer record = ByteBuffer.wrap(encrypted, position, needed);
        position += needed;
        return record;
      }
      makeRoom(needed, expected);
      int read = socketIn.read(encrypted, limit, encrypted.length - limit);
      if (read < 0) {
        return null;
      }
      limit += read;
    }
  }

  /** Of the record at the position, with its header. */
  private int length() throws SSLException {
    int type = encrypted[position];
    int fragment = (encrypted[position + 3] & 0xFF) << 8 | (encrypted[position + 4] & 0xFF);
    if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || encrypted[position + 1] != 3) {
      throw new SSLException("what the client sends is no TLS");
    }
    if (fragment > MAX_FRAGMENT) {
      throw new SSLException("a record longer than TLS allows");
    }
    // In TLS 1.3 only the type inside the encryption is another one.
    if (established && type == HANDSHAKE) {
      throw new SSLException("renegotiation is not allowed");
    }
    return HEADER + fragment;
  }

  private void makeRoom(int needed, int expected) {
    int size = expected > IDLE_BUFFER ? BULK_BUFFER : Math.max(IDLE_BUFFER, needed);
    int here = limit - position;
    if (here == 0 && encrypted.length != size) {
      encrypted = new byte[size];
    } else if (encrypted.length - position < needed) {
      byte[] room = encrypted.length < needed ? new byte[size] : encrypted;
      System.arraycopy(encrypted, position, room, 0, here);
      encrypted = room;
    } else if (here > 0) {
      return;
    }
    position = 0;
    limit = here;
  }
}
