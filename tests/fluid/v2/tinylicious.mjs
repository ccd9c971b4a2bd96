// TinyliciousClient, with the schema of the others.
export { TinyliciousClient } from "@fluidframework/tinylicious-client";
export { parts, schema } from "./generation.mjs";

/** The container runtime, which a fluid container hides. */
export const runtimeOf = async ({ container }) => (await container.getEntryPoint()).IStaticEntryPoint.extensionStore;
