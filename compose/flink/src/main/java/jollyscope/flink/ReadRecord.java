package jollyscope.flink;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.types.Row;

/**
 * {@code read_record(line, types)}: one row for a line, whatever is in it.
 *
 * <p>{@code types} says which field is of which type ({@code "trace_id text, start_time whole, ..."}); one
 * that is marked with {@code *} is handed out in {@code fields}. The row: {@code wrong}, why the line is no
 * object with fields of these types; {@code utf8}, whether it is text at all; {@code deep}, whether it is
 * nested deeper than 127 levels; {@code wrong_items}, which of {@code events} and {@code links} holds
 * something else than it should; and {@code fields}, as text.
 */
@FunctionHint(
    output =
        @DataTypeHint(
            "ROW<wrong STRING, utf8 BOOLEAN, deep BOOLEAN, wrong_items STRING, fields MAP<STRING, STRING>>"))
public class ReadRecord extends TableFunction<Row> {
  private transient Map<String, FieldTypes> known;

  public void eval(byte[] line, String types) {
    if (known == null) {
      known = new HashMap<>();
    }
    RecordLine read = new RecordLine(line, known.computeIfAbsent(types, FieldTypes::new));
    collect(Row.of(read.wrong(), read.utf8(), read.deep(), read.wrongItems(), read.fields()));
  }
}
