"""Raw panoramas from the release's drawings, which have boxes painted on."""
