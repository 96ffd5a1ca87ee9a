# For tests: as much of OpenWrt's build as a package's Makefile needs to install itself somewhere.
INSTALL_DIR := install -d -m0755
INSTALL_BIN := install -m0755
INSTALL_DATA := install -m0644
INSTALL_CONF := install -m0600
LN := ln -sf
INCLUDE_DIR := $(TOPDIR)
