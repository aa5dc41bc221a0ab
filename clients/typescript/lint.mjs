// Lints the OpenAPI document by Redocly's recommended rules; ends with 1 when one is broken.
import { createConfig, lint } from "@redocly/openapi-core";

const problems = await lint({ ref: process.argv[2], config: await createConfig({ extends: ["recommended"] }) });
for (const { severity, ruleId, message, location } of problems) {
  console.log(`${severity} ${ruleId}: ${message} (${location[0]?.pointer})`);
}
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
