<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<!-- Flows between units: bent arrows, as wide as they have steps, the strong ones above. -->
<qgis version="3.22" styleCategories="Symbology">
  <renderer-v2 type="singleSymbol" enableorderby="1" symbollevels="0" forceraster="0">
    <symbols>
      <symbol type="line" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="GeometryGenerator" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option type="QString" name="SymbolType" value="Line"/>
            <Option type="QString" name="geometryModifier" value="with_variable('a', start_point($geometry), with_variable('b', end_point($geometry), make_line(@a, make_point((x(@a) + x(@b)) / 2 + 0.16 * (y(@b) - y(@a)), (y(@a) + y(@b)) / 2 - 0.16 * (x(@b) - x(@a))), @b)))"/>
            <Option type="QString" name="units" value="MapUnit"/>
          </Option>
          <symbol type="line" name="@0@0" alpha="1" clip_to_extent="1" force_rhr="0">
            <layer class="ArrowLine" enabled="1" locked="0" pass="0">
              <Option type="Map">
                <Option type="QString" name="is_curved" value="1"/>
                <Option type="QString" name="is_repeated" value="0"/>
              </Option>
              <data_defined_properties>
                <Option type="Map">
                  <Option type="QString" name="name" value=""/>
                  <Option type="Map" name="properties">
                    <Option type="Map" name="arrowStartWidth">
                      <Option type="bool" name="active" value="true"/>
                      <Option type="QString" name="expression" value="coalesce(scale_linear(&quot;n&quot;, 0, maximum(&quot;n&quot;), 0.3, 4), 0.3) / 3"/>
                      <Option type="int" name="type" value="3"/>
                    </Option>
                    <Option type="Map" name="arrowWidth">
                      <Option type="bool" name="active" value="true"/>
                      <Option type="QString" name="expression" value="coalesce(scale_linear(&quot;n&quot;, 0, maximum(&quot;n&quot;), 0.3, 4), 0.3)"/>
                      <Option type="int" name="type" value="3"/>
                    </Option>
                    <Option type="Map" name="arrowHeadLength">
                      <Option type="bool" name="active" value="true"/>
                      <Option type="QString" name="expression" value="0.8 + coalesce(scale_linear(&quot;n&quot;, 0, maximum(&quot;n&quot;), 0.3, 4), 0.3)"/>
                      <Option type="int" name="type" value="3"/>
                    </Option>
                    <Option type="Map" name="arrowHeadThickness">
                      <Option type="bool" name="active" value="true"/>
                      <Option type="QString" name="expression" value="0.5 + coalesce(scale_linear(&quot;n&quot;, 0, maximum(&quot;n&quot;), 0.3, 4), 0.3) / 2"/>
                      <Option type="int" name="type" value="3"/>
                    </Option>
                  </Option>
                  <Option type="QString" name="type" value="collection"/>
                </Option>
              </data_defined_properties>
              <symbol type="fill" name="@@0@0@0" alpha="1" clip_to_extent="1" force_rhr="0">
                <layer class="SimpleFill" enabled="1" locked="0" pass="0">
                  <Option type="Map">
                    <Option type="QString" name="color" value="161,59,196,215"/>
                    <Option type="QString" name="outline_style" value="no"/>
                    <Option type="QString" name="style" value="solid"/>
                  </Option>
                </layer>
              </symbol>
            </layer>
          </symbol>
        </layer>
      </symbol>
    </symbols>
    <orderby>
      <orderByClause asc="1" nullsFirst="0">"n"</orderByClause>
    </orderby>
  </renderer-v2>
  <layerGeometryType>1</layerGeometryType>
</qgis>
