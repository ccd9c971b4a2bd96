// TinyliciousClient, with the schema of the others.
export { TinyliciousClient } from "@fluidframework/tinylicious-client";
export { parts, schema } from "./generation.mjs";
