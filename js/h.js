// What JSX becomes in the bundles.
export { Fragment, h } from "preact";
