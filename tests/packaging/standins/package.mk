# make install ROOT=...; make show prints what the package says of itself, one KEY=VALUE a line; make script SCRIPT=prerm.
define BuildPackage
  $(eval $(Package/$(1)))
  export SCRIPT_TEXT = $$(Package/$(1)/$$(SCRIPT))

  install:
	$(call Package/$(1)/install,$(ROOT))
  show:
	@printf '%s\n' 'NAME=$(PKG_NAME)' 'VERSION=$(PKG_VERSION)' 'SOURCE=$(PKG_SOURCE)' 'URL=$(PKG_SOURCE_URL)' \
		'HASH=$(PKG_HASH)' 'MAINTAINER=$(PKG_MAINTAINER)' 'LICENSE=$(PKG_LICENSE)' 'LICENSE_FILES=$(PKG_LICENSE_FILES)' \
		'PIE=$(PKG_ASLR_PIE_REGULAR)' 'DEPENDS=$(DEPENDS)' 'BUILD_DEPENDS=$(PKG_BUILD_DEPENDS)' 'TITLE=$(TITLE)' \
		'CONFFILES=$(strip $(Package/$(1)/conffiles))' 'OPTIONS=$(CMAKE_OPTIONS)'
  script:
	@printf '%s\n' "$$$$SCRIPT_TEXT"
endef
