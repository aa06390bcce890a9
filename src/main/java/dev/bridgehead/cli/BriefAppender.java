package dev.bridgehead.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * For libraries that log a stack trace whenever the API server is away, or somebody sends what is
 * no HTTP: one line that ends with the reason. What isn't the others' or the network's doing keeps
 * its trace.
 */
public final class BriefAppender extends UnsynchronizedAppenderBase<ILoggingEvent>
    implements AppenderAttachable<ILoggingEvent> {
  private final AppenderAttachableImpl<ILoggingEvent> attached = new AppenderAttachableImpl<>();

  @Override
  protected void append(ILoggingEvent event) {
    attached.appendLoopOnAppenders(brief(event));
  }

  private ILoggingEvent brief(ILoggingEvent event) {
    @Nullable IThrowableProxy failure = event.getThrowableProxy();
    if (failure == null || !expected(failure)) {
      return event;
    }
    LoggingEvent line =
        new LoggingEvent(
            BriefAppender.class.getName(),
            ((LoggerContext) getContext()).getLogger(event.getLoggerName()),
            event.getLevel(),
            event.getFormattedMessage() + ": " + reason(failure),
            null,
            null);
    line.setThreadName(event.getThreadName());
    line.setInstant(event.getInstant());
    line.setMDCPropertyMap(event.getMDCPropertyMap());
    return line;
  }

  private static boolean expected(@Nullable IThrowableProxy failure) {
    for (IThrowableProxy next = failure; next != null; next = next.getCause()) {
      if (next.getClassName().equals(KubernetesClientException.class.getName())
          || next.getClassName().equals(TimeoutException.class.getName())
          || next.getClassName().startsWith("java.net.")
          || next.getClassName().equals(IOException.class.getName())
          || isUnparsable(next)) {
        return true;
      }
    }
    return false;
  }

  /** Helidon's word for a request line or a header that can't be. */
  private static boolean isUnparsable(IThrowableProxy failure) {
    StackTraceElementProxy[] frames = failure.getStackTraceElementProxyArray();
    return failure.getClassName().equals(IllegalArgumentException.class.getName())
        && frames.length > 0
        && frames[0].getStackTraceElement().getClassName().startsWith("io.helidon.http.");
  }

  private static String reason(IThrowableProxy failure) {
    IThrowableProxy root = failure;
    String message = "";
    for (IThrowableProxy next = failure; next != null; next = next.getCause()) {
      root = next;
      if (next.getMessage() != null && !next.getMessage().isBlank()) {
        message = next.getMessage().lines().findFirst().orElse("");
      }
    }
    String name = root.getClassName().substring(root.getClassName().lastIndexOf('.') + 1);
    return message.isEmpty() ? name : message;
  }

  @Override
  public void addAppender(Appender<ILoggingEvent> appender) {
    attached.addAppender(appender);
  }

  @Override
  public Iterator<Appender<ILoggingEvent>> iteratorForAppenders() {
    return attached.iteratorForAppenders();
  }

  @Override
  public @Nullable Appender<ILoggingEvent> getAppender(String name) {
    return attached.getAppender(name);
  }

  @Override
  public boolean isAttached(Appender<ILoggingEvent> appender) {
    return attached.isAttached(appender);
  }

  @Override
  public void detachAndStopAllAppenders() {
    attached.detachAndStopAllAppenders();
  }

  @Override
  public boolean detachAppender(Appender<ILoggingEvent> appender) {
    return attached.detachAppender(appender);
  }

  @Override
  public boolean detachAppender(String name) {
    return attached.detachAppender(name);
  }
}
