//! What the fuzz targets share: see `README.md`.
