import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates many files against many profiles in one JVM: VeraCheck 3a,ua1 FILE...
 * Prints one line a file and profile, parted by tabs: path, profile, yes or no, the broken rules parted by " | ".
 */
public final class VeraCheck {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String name : arguments[0].split(",")) {
            PDFAFlavour profile = PDFAFlavour.fromString(name);
            for (int at = 1; at < arguments.length; at++) {
                ValidationResult result = validate(Path.of(arguments[at]), profile);
                System.out.println(String.join("\t", arguments[at], name,
                        result.isCompliant() ? "yes" : "no", String.join(" | ", broken(result))));
            }
        }
    }

    private static ValidationResult validate(Path file, PDFAFlavour profile) throws Exception {
        try (InputStream bytes = Files.newInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes, profile);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, false)) {
            return validator.validate(parser);
        }
    }

    private static TreeSet<String> broken(ValidationResult result) {
        TreeSet<String> rules = new TreeSet<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                rules.add(assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber()
                        + " " + assertion.getMessage().replaceAll("\\s+", " "));
            }
        }
        return rules;
    }
}
