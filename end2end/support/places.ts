// The pages of the product, by name.
import { REPORTED, SERVED } from "./global-setup.ts";

export interface Place {
  name: string;
  path: string;
  /** Text that proves the page is there. */
  shows: RegExp;
}

export const PLACES: Place[] = [
  { name: "deployments", path: "/", shows: /Deployments/ },
  { name: "dashboard", path: `/deployments/${REPORTED}`, shows: /predictions/ },
  { name: "predictions", path: `/deployments/${REPORTED}/predictions`, shows: /Predictions/ },
  { name: "feedback", path: `/deployments/${SERVED}/feedback`, shows: /Feedback loop/ },
  { name: "learning", path: `/deployments/${SERVED}/learning`, shows: /Continuous training/ },
  { name: "settings", path: `/deployments/${SERVED}/settings`, shows: /hreshold/ },
  { name: "datasets", path: "/datasets", shows: /smears/ },
  { name: "dataset", path: "/datasets/smears/v1", shows: /smears/ },
  { name: "models", path: "/models", shows: /cells/ },
  { name: "model", path: "/models/cells/1", shows: /cells/ },
  { name: "experiments", path: "/experiments", shows: /Experiments/ },
  { name: "launch", path: "/train?dataset=smears/v1", shows: /Train on/ },
  { name: "deploy", path: "/deploy", shows: /Champion/ },
  { name: "account", path: "/account", shows: /Your account/ },
  { name: "users", path: "/users", shows: /ada@example\.org/ },
  { name: "connections", path: "/connections", shows: /Label Studio/ },
  { name: "audit", path: "/audit", shows: /Audit/ },
];
