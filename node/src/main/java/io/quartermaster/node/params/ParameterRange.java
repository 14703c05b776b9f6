package io.quartermaster.node.params;

import io.quartermaster.api.ExecutorClass;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Which values a parameter can take, and how they are written. */
sealed interface ParameterRange {
    String type();

    String expected();

    /** Empty if the text is not a value of this range. */
    Optional<Object> parse(String text);

    /** True or false, in exactly these words. */
    record Truth() implements ParameterRange {
        @Override
        public String type() {
            return "boolean";
        }

        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        public Optional<Object> parse(String text) {
            return switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
            };
        }
    }

    /** A decimal number, its bounds included. */
    record Fraction(double least, double most) implements ParameterRange {
        /** Double.parseDouble alone would also take "NaN", "0x1p3", "1d" and white space. */
        private static final Pattern DECIMAL =
                Pattern.compile("[+-]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][+-]?\\d{1,4})?");

        static Fraction below(double bound) {
            return new Fraction(-Double.MAX_VALUE, Math.nextDown(bound));
        }

        @Override
        public String type() {
            return "number";
        }

        @Override
        public String expected() {
            if (least == -Double.MAX_VALUE) {
                return "a finite number below " + (long) Math.ceil(most);
            }
            return "a number from " + (long) least + " to " + (long) most;
        }

        @Override
        public Optional<Object> parse(String text) {
            if (!DECIMAL.matcher(text).matches()) {
                return Optional.empty();
            }
            double value = Double.parseDouble(text);
            return least <= value && value <= most ? Optional.of(value) : Optional.empty();
        }
    }

    /** A whole number, its bounds included. */
    record Whole(long least, long most) implements ParameterRange {
        private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");

        @Override
        public String type() {
            return "whole number";
        }

        @Override
        public String expected() {
            return "a whole number from " + least + " to " + most;
        }

        @Override
        public Optional<Object> parse(String text) {
            if (!DIGITS.matcher(text).matches()) {
                return Optional.empty();
            }
            long value = Long.parseLong(text);
            return least <= value && value <= most ? Optional.of(value) : Optional.empty();
        }
    }

    /** An amount of any size. */
    record Wei() implements ParameterRange {
        private static final Pattern DIGITS = Pattern.compile("\\d+");

        @Override
        public String type() {
            return "wei";
        }

        @Override
        public String expected() {
            return "a whole number of wei, at least 0, in digits only";
        }

        @Override
        public Optional<Object> parse(String text) {
            return DIGITS.matcher(text).matches() ? Optional.of(new BigInteger(text)) : Optional.empty();
        }
    }

    /** A number for each of some executor classes. */
    record Caps() implements ParameterRange {
        private static final Pattern DIGITS = Pattern.compile("\\d{1,9}");

        @Override
        public String type() {
            return "caps";
        }

        @Override
        public String expected() {
            return "class=number pairs with commas between them, each class once, numbers from 0 to 999999999; or empty";
        }

        @Override
        public Optional<Object> parse(String text) {
            Map<ExecutorClass, Integer> caps = new TreeMap<>();
            if (text.isBlank()) {
                return Optional.of(Collections.unmodifiableMap(caps));
            }
            for (String pair : text.split(",", -1)) {
                int equals = pair.indexOf('=');
                String number = pair.substring(equals + 1).strip();
                if (equals < 0 || !DIGITS.matcher(number).matches()) {
                    return Optional.empty();
                }
                try {
                    ExecutorClass executorClass =
                            new ExecutorClass(pair.substring(0, equals).strip());
                    if (caps.put(executorClass, Integer.parseInt(number)) != null) {
                        return Optional.empty();
                    }
                } catch (InvalidArgument malformedName) {
                    return Optional.empty();
                }
            }
            return Optional.of(Collections.unmodifiableMap(caps));
        }
    }
}
