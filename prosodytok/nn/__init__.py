"""The network: a hierarchical VQ autoencoder in torch. Reads and writes no file."""
