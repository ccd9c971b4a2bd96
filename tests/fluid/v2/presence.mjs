// Presence is a part of generation 2.x. `@fluidframework/presence`, which has the factory of states, is not published for every version.
export { StateFactory } from "@fluid-internal/presence-runtime/states";
export { getPresence } from "fluid-framework/beta";
