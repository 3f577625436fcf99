package jollyscope.flink;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code read_whole(line, name)}: one whole number out of a line that is known to be a record, null where
 * it is missing. It reads no further than to that field.
 */
public class ReadWhole extends ScalarFunction {
  private static final JsonFactory JSON = new JsonFactory();

  public Long eval(byte[] line, String name) {
    if (line == null) {
      return null;
    }
    try (JsonParser parser = JSON.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = name.equals(parser.currentName());
        JsonToken token = parser.nextToken();
        if (found) {
          return token == JsonToken.VALUE_NUMBER_INT ? Long.valueOf(parser.getLongValue()) : null;
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException error) {
      return null;
    }
  }
}
