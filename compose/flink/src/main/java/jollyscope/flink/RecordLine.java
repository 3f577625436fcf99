package jollyscope.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;

/** A line read once, in one pass and without a tree of it. */
final class RecordLine {
  private static final int MOST_LEVELS = 127;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              // Bounds are the topic's: a record may be as large as a message.
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          // Names come from outside: kept, they would fill the memory.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final Map<String, String> fields = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final FieldTypes types;
  private String text;
  private String wrong;
  private String wrongItems;
  private boolean twice;
  private int deepest;

  RecordLine(byte[] line, FieldTypes types) {
    this.types = types;
    String shape = "it is no JSON that can be read";
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line == null ? new byte[0] : line)).toString();
      try (JsonParser parser = JSON.createParser(text)) {
        shape = read(parser);
      }
    } catch (CharacterCodingException error) {
      text = null;
    } catch (IOException error) {
      shape = "it is no JSON that can be read";
    }
    if (shape != null) {
      wrong = shape;
    } else if (wrong == null && twice) {
      wrong = "a field stands in it twice";
    }
  }

  String wrong() {
    return wrong;
  }

  boolean utf8() {
    return text != null;
  }

  boolean deep() {
    return deepest > MOST_LEVELS;
  }

  String wrongItems() {
    return wrongItems;
  }

  Map<String, String> fields() {
    return fields;
  }

  /** Why it is no object, or null. All of it is read, so that a mistake at its end is found. */
  private String read(JsonParser parser) throws IOException {
    boolean object = parser.nextToken() == JsonToken.START_OBJECT;
    if (object) {
      deepest = 1;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        field(name, parser);
      }
    } else if (parser.currentToken() == null) {
      return "it is no JSON that can be read";
    } else {
      skip(parser, 0);
    }
    if (parser.nextToken() != null) {
      return "it is no JSON that can be read";
    }
    return object && !names.isEmpty() ? null : "it is no object";
  }

  private void field(String name, JsonParser parser) throws IOException {
    twice |= !names.add(name);
    int start = (int) parser.currentTokenLocation().getCharOffset();
    JsonToken token = parser.currentToken();
    if (token.isScalarValue() && token != JsonToken.VALUE_NULL && types.wants(name)) {
      fields.put(name, parser.getText());
    }
    FieldTypes items = types.itemsOf(name);
    if (items != null && token == JsonToken.START_ARRAY) {
      items(name, items, parser);
      return;
    }
    skip(parser, 1);
    if (wrong == null && !types.takes(name, raw(start, parser))) {
      wrong = "`" + cut(name, 60) + "` cannot be " + cut(raw(start, parser), 120);
    }
  }

  private void items(String field, FieldTypes types, JsonParser parser) throws IOException {
    deepest = Math.max(deepest, 2);
    boolean good = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        good = false;
        skip(parser, 2);
        continue;
      }
      deepest = Math.max(deepest, 3);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        int start = (int) parser.currentTokenLocation().getCharOffset();
        skip(parser, 3);
        good &= types.takes(name, raw(start, parser));
      }
    }
    // The first of the two that is wrong is told, in the order of the rules.
    if (!good && !"events".equals(wrongItems)) {
      wrongItems = field;
    }
  }

  /** To the end of a value that stands `level` deep. */
  private void skip(JsonParser parser, int level) throws IOException {
    if (parser.currentToken().isScalarValue()) {
      parser.finishToken();
      return;
    }
    int open = 0;
    do {
      if (parser.currentToken().isStructStart()) {
        open += 1;
        deepest = Math.max(deepest, level + open);
      } else if (parser.currentToken().isStructEnd()) {
        open -= 1;
      } else {
        parser.finishToken();
      }
    } while (open > 0 && parser.nextToken() != null);
  }

  /** The value's text as it was written, at most what a reason quotes of it. */
  private String raw(int start, JsonParser parser) {
    int end = (int) parser.currentLocation().getCharOffset();
    return text.substring(start, Math.min(end, start + 400)).strip();
  }

  private static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most));
  }
}
